"""Words that organisations are called by, sector by sector: what says that a run of capitalised words is a house.

Two strengths. A firm word makes a name of any word that is no function (`Goshen Urgent Care`, `Golden Lotus Bistro`);
a loose one, which charts also use of rooms, families and habits, only of a word that is nothing but a name or a place
(`Hellas Sweets`, `Alden Grove`, not `Same Day Surgery`). `TRADES` employ people, the others house them.
"""

from __future__ import annotations

_SPECIALTY = (
    "Allergy|Anesthesia|Anaesthesia|Audiology|Cancer|Cardiac|Cardiology|Cardiovascular|Coag|Dental|Dermatology|Derm|"
    "Diabetes|Digestive|Endocrine|Endocrinology|ENT|Epilepsy|Eye|Family|Fertility|Foot(?: (?:&|and) Ankle)?|"
    "Gastroenterology|GI|"
    "Hand|Hearing|Heart|Hematology|Imaging|Infusion|Kidney|Laser|Lung|Maternity|Mental|Nephrology|Neurology|"
    "Neurosurgery|OB[/-]?GYN|Obstetrics|Oncology|Ophthalmology|Orthop(?:a)?edics?|Ortho|Otolaryngology|Pain|Pathology|"
    "Pediatrics?|Paediatrics?|Podiatry|Psychiatry|Psychiatric|Psychology|Pulmonary|Radiology|Renal|Retina|"
    "Rheumatology|Skin|Sleep|Spine|Sports|Stroke|Surgical|Surgery|Trauma|Urology|Vascular|Vein|Vision|Women's|"
    "Wound|Internal Medicine|Sports Medicine|Medical|Children's"
)
_PART = (
    "Ankle|Balance|Bone|Brace|Foot|Hand|Hearing|Joint|Limb|Mobility|Orthotics|Prosthetics|Rehab|Respiratory|Skin|Sleep|"
    "Spine|Sports|Therapy|Vein|Wellness"
)
_BODY = (
    "Associates|Assoc|Group|Grp|Partners|Specialists?|Consultants|Practice|Physicians|Providers|Clinics?|Cent(?:er|"
    "re)|Ctr|"
    "Institute|Pavilion|Care|Lab|Arts Building|Services|Hospitals?|Health|Surgeons|Office|Network|Practitioners|Team PC"
)
HEALTH = (
    "Post[ -]Acute(?: Care)?|Respiratory Care|Base Hospital|"
    rf"(?:{_SPECIALTY}) (?:{_BODY})|(?:{_PART}) & (?:{_PART})|"
    "Hospitals?(?: (?:Center|Centre|System|and Clinics?))?|Med(?:ical)? (?:Cent(?:er|re)|Ctr|Associates|Group|Practice|"
    "Partners|Plaza|Village|Campus)|Infirmary|Sanatorium|Convalescent(?: (?:Home|Hospital|Center))?|"
    "Hospice(?: House)?|Nursing (?:Home|Cent(?:er|re)|Facility|Services)|Rehab(?:ilitation)?(?: (?:Center|Centre|"
    "Hospital|Institute|Facility))|"
    "Health ?[Cc]are(?: (?:Center|Centre|Partners|System|Group))?|Health (?:System|Network|Cent(?:er|re)|Ctr|Clinic|"
    "Partners|"
    "Services|Plan|Board|Trust|Campus|Park|Alliance|Associates|Hub|Station|Plaza)|"
    "Occupational (?:Health|Medicine)(?: (?:Services|Clinic|Center|Centre))?|"
    "Home (?:Health|Care)(?: (?:Services|Agency|Care))?|Visiting Nurses?(?: (?:Association|Service|Services))?|VNA|"
    "Urgent Care|Immediate Care|Convenient Care|Minor Injuries Unit|Walk-[Ii]n(?: (?:Clinic|Center|Centre|Care))?|"
    "Care (?:Cent(?:er|re)|Home|Clinic|Partners|Team PLLC)|"
    "Surg(?:ery|ical) Cent(?:er|re)|Surgicenter|Endoscopy(?: Center)?|Dialysis(?: (?:Center|Centre|Unit|Clinic))?|"
    "Kidney (?:Care|Center|Clinic)|Sleep (?:Lab|Center|Centre|Clinic|Institute|Medicine)|Imaging (?:Center|Pavilion|"
    "Centre)|"
    "Eye ?[Cc]are|Optometry|Opticians|Optical|Birth(?:ing)? (?:Cent(?:er|re)|House)|"
    "Women's (?:Health|Center|Centre|Clinic|Pavilion|Care|Hospital)|"
    "Sports Medicine|Pain Management|Plastic Surgery|Oral Surgery|Eye Associates|Pharmacy|Apothecary|Chemists?|Drugs|"
    "Drug (?:Store|Mart|Co)|Dentistry|Orthodontics|Endodontics|"
    "Periodontics|Smiles|Chiropractic|Physical Therapy|Physiotherapy|PT (?:&|and) Sports|Physio|Counsel(?:l)?ing"
    "(?: (?:Center|Centre|Services|Associates))?|"
    "Behavioral Health|Behavioural Health|Recovery(?: (?:Center|Centre|House|Village|Services))|Treatment Cent(?:er|"
    "re)|"
    "Detox|Wellness(?: (?:Center|Centre))?|Midwifery|"
    "Birth Cent(?:er|re)|Family (?:Practice|Medicine|Health|Care|Dental|Dentistry|Medical|Health ?Care|Physicians)|"
    "Primary Care|Veterinary|Vet(?:erinary)? (?:Clinic|Hospital|Practice|Surgery)|Animal (?:Hospital|Clinic|Shelter)|"
    "Memory Care|Assisted Living|Senior Living|Independent Living|Retirement (?:Home|Community|Village)|"
    "Blood Cent(?:er|re)|"
    "Poly ?clinic|Day Hospital|Medicentre|Community (?:Hospital|Clinic|Health|Care)|Health ?Point|IHS|"
    "Funeral (?:Home|Service|Chapel|Parlou?r|Directors)|Mortuary|Crematorium|Crematory|Cremation(?: Services)?|"
    "Cemetery|Memorial (?:Park|Gardens)|Ambulance(?: Service)?|EMS|Air Care"
)
HEALTH_LOOSE = (
    "Respiratory|Drugs|Pulmonology|Hematology|Oncology|Endocrinology|Genetics|Neurosurgery|Hepatology|Transplant|"
    "Immunology|"
    "Otolaryngology|Perinatal|Fertility|Infectious Diseases?|Physiatry|Plastics|Hand Surgery|Endocrine|"
    "Clinics?|Surgery|Imaging|Radiology|Pathology|Cardiology|Neurology|Orthop(?:a)?edics?|Ortho|Dermatology|Derm|"
    "Oncology|"
    "Nephrology|Urology|Pediatrics|Paediatrics|Obstetrics|OB[/-]?GYN|Psychiatry|Rheumatology|Podiatry|Allergy|"
    "Internal Medicine|Gastroenterology|Ophthalmology|Audiology|Physicians|Medical|"
    "Lab|Labs|Laborator(?:y|ies)|Diagnostics|Rehab|Med|Kids|Dental|Vision|Eye|Health|Hlth|Care|Hospice Care|"
    "Pavilion|Institute|Memorial|General|Regional|Baptist|Methodist|Presbyterian|Lutheran|Deaconess|Mercy|Children's|"
    "Women's|Cent(?:er|re)|Ctr|Clubhouse|Respite|Sanctuary|Sober Living|Maternity|Practice|Surgical|"
    "Occupational|Wing|Annex|Building|Bldg|Hosp|Family Med"
)
HOUSING = (
    "Apartments?|Apts|Manor|Villas?|Estates|Towers?|Townhomes|Condos|Condominiums|Residences?|Trailer Park|"
    "Mobile (?:Home )?Park|RV Park|Campground|Inn|Motel|Hotel|Hostel|Suites|Ranch|Homestead|Senior (?:Center|"
    "Apartments|"
    "Village)|Retirement Village|Halfway House|Sober House|Group Home|Care Village|Almshouses|Caravan Park|"
    "Homes|Housing(?: (?:Authority|Association))?|Shelter|Safe House"
)
HOUSING_LOOSE = (
    "Village|Gardens?|Commons|Arms|Court|Terrace|House|Home|Lodge|Place|Plaza|Square|Grove|Meadows?|Landing|Pointe?|"
    "Hall|Heights|Park|Cottage|Crossing|Farm|Mill|Woods|Oaks|Pines|Ridge|Glen|Hills?|Station|Barracks|"
    "Camp|Mall|Haven|Acres|Mews|Close|Walk|Row|Green|Bay|Beach|Lake|Springs|Falls|Island|Creek|Valley|"
    "Township|Borough|Reservation|Rez|Pueblo|Airport|Depot|Junction|Harbou?r|Marina|Pier|Stadium|Arena|Market|"
    "Fairgrounds"
)
EDUCATION = (
    "(?:Elementary|Elem|Middle|High|Junior High|Jr\\.? High|Senior High|Grammar|Primary|Secondary|Infant|Infants'?|"
    "Junior|"
    "Intermediate|Preparatory|Prep|Charter|Montessori|Magnet|Public|Boarding|Day|Nursery|Sunday|Trade|Language|"
    "Comprehensive|"
    "National|Vocational|Technical|Voc-Tech|Law|Medical|Business) School|"
    "Elementary|Elem|Middle|Prep|Voc-Tech|Vo-Tech|Montessori|Head Start|Preschool|Pre-K|Daycare|Day Care|"
    "Kindergarten|Nursery|Creche|Childcare|Child Care|Early Learning(?: Center)?|Learning Center|Academy|College|"
    "University|"
    "Univ|Polytechnic|Institute of Technology|Seminary|Law School|Conservatory|School District|ISD|USD|Public Schools|"
    "Vidyalaya|Gymnasium"
)
EDUCATION_LOOSE = (
    "CC|Community College|High|School|Tech|State|JHS|HS|MS|ES|Campus|Library|Museum|Institute|YMCA|YWCA|Playhouse"
)
FAITH = (
    "(?:Lutheran|Baptist|Methodist|Catholic|Presbyterian|Episcopal|Community|Bible|Pentecostal|AME|AME Zion|Orthodox|"
    "Adventist|Reformed|Covenant|Unitarian|Apostolic|Christian|Evangelical|Anglican|Parish|Gospel|Mennonite|Nazarene|"
    "COGIC) Church|Church(?: of (?:God|Christ|the Nazarene|the Redeemer))?|AME(?: Zion)?|Cathedral|Chapel|Synagogue|"
    "Shul|A\\.M\\.E(?:\\. Zion)?|C\\.M\\.E|C\\.O\\.G\\.I\\.C|"
    "Mosque|Masjid|Gurdwara|Mandir|Tabernacle|Ministries|Monastery|Convent|Abbey|Priory|Parish|Islamic Cent(?:er|re)|"
    "Jewish Community Center|Meeting House|Friends Meeting|Kingdom Hall|Temple|Basilica|Mission"
)
PUBLIC = (
    "(?:Fire|Police|Sheriff's|Sheriff|Health|Parks|Public Works|Water|Corrections|Transit) (?:Dept\\.?|Department|"
    "Office|Rescue)|"
    "Fire[ -]Rescue|Fire Station|Fire Co(?:mpany|\\.)|Police|Sheriff(?:'s Office)?|Constabulary|Garda Station|"
    "County(?: (?:Jail|Prison|Court|Courthouse|Detention|Detention Center|Sheriff|Health Dep(?:t|artment)))?|"
    "Parish Jail|"
    "Jail|Prison|Penitentiary|Correctional(?: (?:Facility|Institution|Center|Complex))?|Detention|"
    "Detention Cent(?:er|re)|"
    "Juvenile Hall|"
    "Courthouse|District Court|Superior Court|Public Library|Food (?:Bank|Pantry)|Soup Kitchen|Homeless Shelter|"
    "Community Cent(?:er|re)|Rec(?:reation)? Cent(?:er|re)|Senior Cent(?:er|re)|Civic Cent(?:er|re)|Town Hall|"
    "City Hall|"
    "Post Office|Army Base|Air Force Base|AFB|Naval (?:Base|Station|Hospital)|Arsenal|Shipyard|"
    "Legion|VFW|Elks Lodge|Moose Lodge|Masonic (?:Lodge|Temple)|Rotary(?: Club)?|Lions Club|Kiwanis|Country Club|"
    "Golf (?:Club|Course)|Yacht Club|Bowling Club|Bowl|Lanes|Football Club|Rugby Club|GAA(?: Club)?|Cricket Club"
)
TRADES = (
    "Inc|LLC|L\\.L\\.C|LLP|PLLC|Ltd|Limited|Corp|Corporation|Co-op|Company|Bros|Brothers|(?:(?:&|"
    "and) )?Sons|"
    "(?:& |and )Daughters|(?:&|and) Co|Tool (?:&|and) Die|Tooling|Machin(?:e|ing)(?: (?:Shop|Works|Co))|"
    "Bakery|Bakers|Bistro|Diner|Tavern|Tap|Tap ?[Rr]oom|Tap ?[Hh]ouse|Saloon|Ale ?[Hh]ouse|Pub|"
    "Brewery|Brewing|Brewpub|Grill|Grille|"
    "Steakhouse|Pizzeria|Pizza|Trattoria|Taqueria|Cantina|Ristorante|Restaurant|Cafe|Caf\\xe9|Coffee(?: (?:Shop|"
    "House|Co))?|"
    "Deli|Delicatessen|Confectionery|Creamery|Catering|Barbecue|BBQ|Buffet|Noodle House|Tea ?[Rr]oom|Chippy|"
    "Construction|Contracting|Contractors|Builders|Roofing|Plumbing|Paving|Masonry|Drywall|Flooring|Carpentry|"
    "Landscaping|Excavating|Excavation|Concrete|Electric(?:al)? (?:Co|Contractors|Inc)|Welding|Fabrication|Fabricators|"
    "Foundry|Forge|Ironworks|Steel|Metals|Castings|Lumber|Sawmill|Millwork|Mills|Timber|Quarry|Quarries|Mining|"
    "Colliery|Refinery|Drilling|Oilfield Services|Petroleum|Propane|Power (?:Plant|Station|Company)|"
    "Logistics|Trucking|Freight|Freightways|Haulage|Hauling|Transport|Transportation|Transit|Courier|"
    "Couriers|Airlines|Airways|Aviation|Aerospace|Railway|Railroad|Cabs|Taxi|Limo|Bus Company|"
    "Wok|Noodle House|Pho|Sushi|Cantina|Pizzeria|Steakhouse|Chophouse|BBQ|Barbecue|Trattoria|Ristorante|Osteria|"
    "Farms?|Dairy|Dairies|Creameries|Orchards?|Vineyards?|Winery|Cellars|Nurseries|Ranches|Poultry|Packing|"
    "Meatpacking|Meats|"
    "Seafoods?|Fisheries|Cannery|Grocery|Groceries|Grocers?|Supermarket|Mart|Bodega|Superette|Butchers|"
    "Motors|Auto(?: (?:Body|Repair|Parts|Glass|Sales|Salvage))|Automotive|Garage|Tire (?:&|and) Lube|Tire|Tires|"
    "Tyres|Towing|Collision|"
    "Toyota|Honda|Nissan|Chevrolet|Hyundai|Subaru|"
    "Manufacturing|Mfg|Industries|Plastics|Textiles|Cabinets|Cabinetry|Upholstery|Ceramics|Glassworks|"
    "Packaging|Printing|Publishing|Electronics|Semiconductors?|Technologies|Software|"
    "Consulting|Staffing|Recruiting|Realty|Real Estate|Properties|Property Management|Financial|Credit Union|"
    "Savings(?: Bank)?|Bank|Bancorp|Accounting|Accountants|Law (?:Offices?|Firm|Group)|Solicitors|Attorneys|Legal Aid|"
    "Salon|Barbers?|Barber ?shop|Spa|Tattoo|Florists?|Flowers|Jewelers|Jewellers|Boutique|Apparel|Tailors|"
    "Cleaners|Dry Cleaning|Laundry|Laundromat|Janitorial|Cleaning(?: Services)?|Pest Control|Security(?: Services)?|"
    "Hardware|Outfitters|Sporting Goods|Fitness|Crossfit|Karate|Dance(?: (?:Studio|Academy))|Gymnastics|Yoga|"
    "Studios?|"
    "Cinemas?|Cineplex|Theat(?:er|re)s?|Casino|Resort|Speedway|Raceway|Stables|Kennels?|Equestrian|"
    "Books|Bookstore|Bookshop|Toys|Gazette|Herald|Tribune|Telecom|Wireless|Broadcasting|"
    "Warehouse|Distribution|Distributors|Distributing|Wholesale|Salvage|Recycling|Sanitation|Waste"
)
LEADS = (
    "Club|Cafe|Hotel|Motel|Chez|Nightclub|Restaurant|Iglesia|Eglise|Chiesa|Igreja|Parroquia|Paroisse|Capilla|Templo|"
    "Hopital|H\\xf4pital|CHU|CHUM|Clinica|Cl\\xednica|"
    "Clinique|Hospital|Ospedale|Klinikum|Krankenhaus|Centro|Centre|Casa|Colegio|Escuela|Ecole|\\xc9cole|Lycee|"
    "Lyc\\xe9e|"
    "Universidad|Universite|Universidade|Institut|Instituto|Farmacia|Pharmacie|Panaderia|Taqueria|Boulangerie|"
    "Residencia|"
    "Residence|Maison|Foyer|Villa|Hacienda|Rancho|Hogar|Masjid|Beth|Temple|Congregation|Kehilla|Gurdwara|"
    "Camp|Fort|Ft\\.?|SCI|FCI|USP|MCI|CSP|HMP|RAF|HMS|USS|Naval Station|NAS|Joint Base|Stalag|"
    "University of|Univ\\.? of|College of|Church of|Bank of|City of|Town of|Village of|County of|Parish of|Port of|"
    "Diocese of|Our Lady of|Shrine of|Isle of|County|Co\\.|Lake|Mount|Mt\\.?|Point|Cape|"
    "Ascension|Fresenius|DaVita|Sutter|Dignity|Novant|Sentara|Inova|Intermountain|Banner|Sanford|Kaiser|Encompass|"
    "Genesis|Brookdale|Sunrise of|Atria|Kindred|Presbyterian|Providence|Holy|Sacred|Trinity"
)
FUNCTIONS = """
    fellow fellows resident residents intern interns trainee trainees faculty colposcopy colpo
    acute adult adolescent advanced after aftercare aging ambulatory amputee anesthesia antenatal anticoagulation
    assisted asthma autism baby back bariatric behavioral behavioural birth birthing bleeding blood bone bowel brain
    breast burn burns cancer cardiac cardiothoracic care case cell center centre central chest child children
    childrens chronic clinic clinical coag cognitive colorectal community comprehensive concussion continence
    continuing contraception convalescent cornea coronary correctional coumadin county covid critical crisis day
    dementia dental detox diabetes diabetic diagnostic dialysis digestive direct disability discharge disease
    dispensary district domestic drug ear early eating elderly elective emergency endocrine endoscopy ent enhanced
    epilepsy extended eye face facial failure fall falls family fast federal feeding fertility fetal first kids
    smiles flu follow foot forensic free frail fracture front full gastric gender general genetic genetics genetic
    geriatric gi glaucoma global group gynae gyn halfway hand head headache health hearing heart hemodialysis
    hepatitis high home homeless hospice hospital hospitalist host house immediate immunization incontinence
    independent individual infant infection infusion injury inpatient institute integrated intensive interim
    intermediate internal interventional joint kidney lab laboratory lactation laser limb lipid liver local long
    lung male main maternal maternity medical medicine medication memory men mens mental methadone minor mobile
    mother motility movement multi multidisciplinary multispecialty muscle national neck neonatal nerve neuro new
    newborn night non nuclear nurse nursing nutrition ob obesity observation occupational proxy office older open
    operating oral organ ortho orthotic orthotics other our outpatient outreach outside pacemaker pain palliative
    parent pediatric paediatric pelvic perinatal personal pet pharmacy physical physician post postnatal pre
    pregnancy prenatal preoperative preventive previous primary prior prison prenatal private procedure prosthetic
    psych psychiatric public pulmonary quality radiation rapid reading recovery referral referring regional rehab
    rehabilitation renal reproductive research residential respiratory respite retina retirement rheum routine rural
    same satellite school screening second secondary senior sexual short skilled skin sleep smoking social special
    specialist specialty spine sports state stay step stroke student subacute substance surgery surgical swallow
    swing teen telehealth term tertiary therapy thoracic thyroid tissue tobacco transfer transfusion transition
    transitional transplant trauma travel treatment tumor tumour ultrasound unit upper urgent vaccine valve vascular
    vein vestibular veterans violence virtual vision visiting voice walk ward weight well wellness west wing woman
    women womens work working wound wrist year young youth your diagnosis history physical exam assessment plan
    impression reason chief name date time phone fax patient provider attending service department nursing summary
    report note visit consult consultation electronic record follow-up results findings procedure operation team
    program programme project unit division section any each every no this that these those his her their my nearest
    closest usual preferred favorite receiving sending accepting current former actual small large big little nice
    good bad best dirty clean hot cold warm cool wet dry safe assigned available certified licensed registered
    accredited charity city town village rented shared supported sheltered foster group board boarding nearby own
    parents mothers fathers grandmothers sisters brothers daughters sons friends neighbors nursery level trauma
    stand standalone freestanding teaching academic affiliated safety net training charter boys girls grammar
    primary middle elementary junior senior technical vocational online home-based work-based auto used retail
    wholesale commercial industrial residential heavy light fast food frozen canned fresh organic raw processed
    dairy whole plant animal wild red white black green blue pink yellow brown gray grey purple orange health-care
    hospital-based clinic-based er ed icu or pacu snf ltac ltach irf alf cvs osh va pcp op ip ct mri us xr
    mother-baby well-baby well-child low mid left right bilateral lateral medial anterior posterior inferior
    superior proximal distal total partial north south east central northern southern eastern western sharp park
    high field hill bridge crossing point edge
"""
NAMING = """
    oak oaks pine pines cedar cedars maple maples elm elms willow willows birch aspen spruce hickory walnut magnolia
    laurel sycamore cypress juniper redwood sequoia orchard meadow meadows prairie plains forest woods river rivers
    creek brook lake lakes bay harbor harbour ocean sea coast coastal shore island islands beach valley canyon mesa
    ridge summit peak mountain mountains highland highlands lowland cliff rock stone boulder spring springs falls
    fountain sunrise sunset sunshine sunny dawn horizon golden silver diamond crystal emerald ruby pearl crown royal
    king kings queen queens lion eagle hawk falcon heron swan dove robin cardinal bear wolf fox deer buffalo mustang
    lotus rose lily daisy iris violet jasmine garden gardens grace mercy hope faith charity providence trinity
    sacred holy saint angel angels heritage legacy liberty freedom pioneer frontier homestead colonial union patriot
    republic allied premier paramount pinnacle keystone cornerstone gateway crossroads lighthouse beacon bridge
    bluebird bluebonnet evergreen northern southern eastern western northwest northeast southwest southeast pacific
    atlantic great grand old lone star stars moon blue ridge compass anchor phoenix apex zenith lakeside riverside
    bayside seaside hillside countryside parkside westside eastside northside southside lakeview riverview oakwood
    pinewood greenwood tidewater desert delta dragon panda jade bamboo cherry apple peach plum olive palm coral
    copper iron granite marble sand sandy shady whispering rolling rosewood cottonwood mulberry tamarack larch
    linden chestnut hazel holly ivy fern heather thistle clover shamrock cactus sage
"""
