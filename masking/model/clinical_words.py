"""Words that look like names and are not: eponyms, drugs, devices, tests, places in the body and in the chart."""
# ruff: noqa: E501, SIM905 - lists of words are read as text

EPONYMS = """Speed Kennedy Jobe Thompson Noble Slocum Gaenslen Patrick Adson Roos Patte Gerber Hadlock Bernoulli Goldmann Amsler
Hoyer McKenzie Jamar Jung Optune Ashworth Carnett Castell Courvoisier Dercum Fothergill Grey Hesselbach Cooper Kantor Kernohan
Koplik Ladd Lanz Mittelschmerz Munro Nelaton Nutcracker Pemberton Poupart Rinne Spigelian Stemmer Traube Waddell Wernicke Ziemssen
Parkinson Alzheimer Crohn Hodgkin Babinski Romberg Glasgow Wilson Cushing Addison Graves Hashimoto Bell Raynaud
Sjogren Sjögren Meniere Ménière Marfan Ehlers Danlos Down Turner Klinefelter Huntington Tourette Guillain Barre Barré Kawasaki
Wegener Churg Strauss Goodpasture Kaposi Wilms Ewing Paget Burkitt Langerhans Kupffer Schwann Sertoli Leydig Purkinje Broca
Wernicke Korsakoff Horner Argyll Robertson Adie Kernig Brudzinski Murphy McBurney Rovsing Cullen Chvostek Trousseau
Homans Lachman McMurray Phalen Tinel Finkelstein Spurling Lasegue Trendelenburg Thomas Ober Apley Neer Hawkins Yergason Allen
Weber Rinne Snellen Ishihara Apgar Bishop Braden Norton Morse Mallampati Wells Child Pugh Ranson Gleason Breslow Clark Dukes
Bartholin Skene Cowper Foley Swan Ganz Hickman Groshong Broviac Jackson Pratt Penrose Blake Kehr Yankauer Bovie Kocher Kelly
Allis Babcock DeBakey Metzenbaum Mayo Weitlaner Richardson Army Navy Balfour Deaver Malecot Sengstaken Blakemore Minnesota
Dobhoff Salem Bivona Shiley Macintosh Miller Holter Doppler Bruce Cobb Salter Harris Colles Smith Monteggia Galeazzi Bennett
Jones Lisfranc Maisonneuve Weber Garden Schatzker Gustilo Hill Sachs Bankart Osgood Schlatter Legg Calve Perthes Scheuermann
Dupuytren Quervain Baker Morton Charcot Achilles Virchow Sister Mary Joseph Troisier Krukenberg Meckel Hirschsprung Barrett
Mallory Weiss Boerhaave Zenker Schatzki Ogilvie Whipple Billroth Roux Nissen Heller Hartmann Lichtenstein Bassini Shouldice
Halsted Ivor Lewis Kasai Fontan Glenn Norwood Blalock Taussig Ross Bentall Maze Cox Wolff White Brugada Wenckebach Mobitz
Stokes Austin Flint Graham Steell Still Osler Janeway Roth Duke Light Winter Cockcroft Gault Schwartz Fick Frank Starling
Korotkoff Kussmaul Cheyne Biot Cori Krebs Golgi Bowman Henle Malpighi Peyer Brunner Auerbach Meissner Pacini Ruffini Merkel
Golgi Nissl Lewy Pick Creutzfeldt Jakob Gerstmann Balint Anton Dejerine Klumpke Erb Duchenne Becker Tay Sachs Gaucher Niemann
Fabry Pompe McArdle Hers Cori Von Gierke Hurler Hunter Lesch Nyhan Menkes Wiskott Aldrich DiGeorge Bruton Chediak Higashi Job
Fanconi Bartter Gitelman Liddle Alport Berger Bright Conn Nelson Sheehan Kallmann Prader Willi Angelman Rett Asperger Kanner
Munchausen Capgras Cotard Ganser Lou Gehrig Friedreich Werdnig Hoffmann Kugelberg Welander Lambert Eaton Lhermitte Uhthoff
Todd Jackson Lennox Gastaut West Rasmussen Landau Kleffner Sturge Von Hippel Lindau Recklinghausen Bourneville Behcet Reiter
Felty Caplan Takayasu Buerger Henoch Schonlein Schönlein Stevens Johnson Lyell Nikolsky Auspitz Koebner Wickham Wood Tzanck
Gram Ziehl Neelsen Giemsa Wright Papanicolaou Pap Coombs Ham Bence Rouleaux Howell Jolly Heinz Pappenheimer Auer Dohle Reed
Sternberg Philadelphia Epstein Coxsackie Norwalk Ebola Zika Marburg Lyme Lassa Hanta Chagas Hansen Weil Vincent Ludwig
Lemierre Pott Fournier Bazin Hutchinson Ramsay Hunt Kaplan Meier Likert Karnofsky Lansky Katz Lawton Tinetti Berg Borg Beck
Hamilton Montgomery Asberg Young Yale Brown Wechsler Rorschach Stanford Binet Denver Bayley Moro Galant Ortolani Barlow Ballard
Tanner Leopold Naegele Chadwick Hegar Goodell Braxton Hicks Montevideo McRoberts Zavanelli Pfannenstiel Kegel Pomeroy Valsalva
Epley Dix Hallpike Heimlich Sellick Cricoid Seldinger Lund Browder Parkland Wallace Fitzpatrick Mohs Hounsfield Gantry Cobb
Bosniak Fleischner Agatston Forrest Hinchey Child Turcotte Rockall Blatchford Framingham Ottawa Canadian Nexus Killip Levine
Bouchard Heberden Jaccoud Boutonniere Swan Codman Gowers Sever Freiberg Kohler Kienbock Panner Sinding Larsen Blount Risser""".split()

DRUGS = """acetaminophen acyclovir adalimumab adderall adenosine advair advil albuterol aldactone alendronate aleve allegra
allopurinol alprazolam alteplase ambien amiodarone amitriptyline amlodipine amoxicillin amphotericin ampicillin anastrozole
apixaban aricept aripiprazole ascorbic aspirin atenolol ativan atorvastatin atropine augmentin avapro azathioprine azithromycin
bacitracin baclofen bactrim benadryl benazepril benztropine bevacizumab bicalutamide bisacodyl bisoprolol botox budesonide
bumetanide bupivacaine buprenorphine bupropion buspirone butalbital calcitriol candesartan captopril carbamazepine carbidopa
carboplatin carvedilol cefazolin cefdinir cefepime cefoxitin ceftazidime ceftriaxone cefuroxime celebrex celecoxib celexa
cephalexin cetirizine chlorhexidine chlorthalidone cialis ciprofloxacin cisplatin citalopram clarithromycin claritin
clindamycin clobetasol clonazepam clonidine clopidogrel clotrimazole clozapine codeine colace colchicine colesevelam compazine
concerta coreg cosopt coumadin cozaar crestor cyclobenzaprine cyclophosphamide cyclosporine cymbalta dapagliflozin daptomycin
decadron demerol depakote dexamethasone dextroamphetamine dextrose diazepam diclofenac dicyclomine digoxin dilantin dilaudid
diltiazem diovan diphenhydramine docusate donepezil dopamine doxazosin doxepin doxorubicin doxycycline duloxetine dupixent
effexor eliquis empagliflozin enalapril enbrel enoxaparin ensure entresto epinephrine ertapenem erythromycin escitalopram
esomeprazole estradiol eszopiclone etanercept ethambutol etoposide exenatide ezetimibe famotidine farxiga febuxostat fenofibrate
fentanyl ferrous fexofenadine finasteride flagyl flecainide flexeril flomax flonase florastor fluconazole fluorouracil fluoxetine
fluticasone folic fosamax furosemide gabapentin gemcitabine gemfibrozil gentamicin gleevec glimepiride glipizide glucagon
glucophage glucotrol glyburide guaifenesin haldol haloperidol heparin humalog humira humulin hydralazine hydrochlorothiazide
hydrocodone hydrocortisone hydromorphone hydroxychloroquine hydroxyzine hyzaar ibuprofen imatinib imdur imipramine imitrex
imodium infliximab insulin ipratropium irbesartan isoniazid isosorbide ivermectin januvia jardiance keflex keppra ketamine
ketoconazole ketorolac klonopin labetalol lacosamide lactulose lamictal lamotrigine lansoprazole lantus lasix latanoprost
letrozole leucovorin levaquin levemir levetiracetam levodopa levofloxacin levothyroxine lexapro lidocaine linagliptin linezolid
lipitor liraglutide lisinopril lithium loperamide lopressor loratadine lorazepam losartan lovastatin lovenox lunesta lyrica
macrobid magnesium mannitol meclizine medroxyprogesterone melatonin meloxicam memantine meropenem mesalamine metformin methadone
methimazole methocarbamol methotrexate methylphenidate methylprednisolone metoclopramide metolazone metoprolol metronidazole
micafungin midazolam midodrine milrinone minocycline miralax mirtazapine modafinil montelukast morphine motrin mounjaro moxifloxacin
mupirocin mycophenolate nadolol nafcillin naloxone naltrexone namenda naproxen narcan nasonex nebivolol neurontin nexium niacin
nicotine nifedipine nitrofurantoin nitroglycerin norco norepinephrine nortriptyline norvasc novolog nystatin octreotide olanzapine
olmesartan omeprazole ondansetron oseltamivir oxcarbazepine oxybutynin oxycodone oxycontin oxytocin ozempic paclitaxel
pantoprazole paroxetine paxil paxlovid pembrolizumab penicillin pepcid percocet phenazopyridine phenergan phenobarbital
phenylephrine phenytoin pioglitazone piperacillin plaquenil plavix pramipexole prasugrel pravastatin prazosin prednisolone
prednisone pregabalin premarin prevacid prilosec prinivil pristiq procardia prochlorperazine progesterone prolia promethazine
propofol propranolol propylthiouracil proscar protonix provera prozac pulmicort pyridostigmine quetiapine quinapril ramipril
ranexa ranitidine reglan remeron remicade remdesivir requip restoril rifampin risperdal risperidone ritalin rituxan rituximab
rivaroxaban rizatriptan robaxin robitussin rocephin ropinirole rosuvastatin sacubitril saxagliptin seloken semaglutide senna
seroquel sertraline sevelamer sildenafil simvastatin sinemet singulair sitagliptin solu spironolactone spiriva suboxone sucralfate
sulfamethoxazole sulfasalazine sumatriptan symbicort synthroid tacrolimus tadalafil tamiflu tamoxifen tamsulosin tegretol
temazepam tenecteplase terazosin terbinafine testosterone tetracycline theophylline thiamine ticagrelor timolol tiotropium
tirzepatide tizanidine tobramycin tofacitinib tolterodine topamax topiramate toprol toradol torsemide toujeo tramadol trastuzumab
trazodone tresiba triamcinolone triamterene tricor trileptal trulicity tylenol ultram unasyn valacyclovir valium valproate valsartan
valtrex vancomycin varenicline vasopressin venlafaxine ventolin verapamil vesicare viagra vibramycin vicodin victoza vincristine
voltaren vytorin warfarin wellbutrin xanax xarelto xeljanz zanaflex zantac zestoretic zestril zetia zithromax zocor zofran
zoledronic zoloft zolpidem zonisamide zosyn zovirax zyprexa zyrtec zyvox""".split()

CLINICAL = """peds circ epi inj eval bili geta hcpoa lic carbo benzos mfm lkw hhpt cota sonographer hygienist inmate trooper urosepsis
siblings doula chairside kangaroo adm disch tech techs msg geb rehab snf icu cath onc neuro cards derm ortho gyn heme pulm endo
abdomen abdominal afebrile airway albumin alert allergies ambulate ambulating anemia anesthesia aneurysm angina angiogram
anterior anticoagulation antibiotics aortic appendectomy appendicitis arrhythmia arthritis arthroplasty ascites assessment asthma
atrial axial axilla bacteremia bedside benign bicarb bilateral biopsy bipap bladder bleeding bmi bowel bradycardia breast
bronchoscopy bun calcium cancer cannula carcinoma cardiac cardiology cardiomegaly cardiomyopathy cardiovascular carotid catheter
catheterization cellulitis cephalosporin cervical chemotherapy chest chf cholecystectomy cholesterol cirrhosis clavicle
colonoscopy complaint constipation contrast copd coronary cough cpap cranial creatinine ct culture cva cyanosis cyst
defibrillator dehydration delirium dementia dermatitis dermatology diabetes diabetic diagnosis dialysis diaphoresis diarrhea
diastolic diet differential discharge disposition distal distended diuresis dressing drainage dyslipidemia dysphagia dyspnea
dysuria ecg echo echocardiogram edema effusion ejection ekg electrolytes embolism emergency emesis endocrine endoscopy enteral
epigastric erythema esophageal esophagus etiology exam examination extremities extremity extubated febrile femoral femur fever
fibrillation fibrosis fistula flank fluid focal follow fracture gait gallbladder gastric gastritis gastroenterology gastrointestinal
gerd glaucoma glucose gout guarding gynecology heart heent hematocrit hematology hematoma hematuria hemodialysis hemoglobin
hemorrhage hemorrhoids hepatic hepatitis hernia hip history hospice hospital hydration hyperglycemia hyperkalemia hyperlipidemia
hypertension hypertensive hypoglycemia hypokalemia hyponatremia hypotension hypothyroidism hypoxia hysterectomy icu ileus
imaging immunization impression incision incontinence infarction infection inferior inflammation influenza inguinal inpatient
instructions insufficiency intact intensive intermittent intestinal intravenous intubated ischemia ischemic itching jaundice
joint jugular kidney knee laceration laparoscopic laparotomy lateral lesion lethargy leukemia leukocytosis ligament lipase liver
lobe lumbar lung lungs lymph lymphadenopathy lymphoma malignancy malignant mammogram mass medial medication medications medicine
melanoma meningitis metabolic metastasis metastatic migraine mitral monitoring mri mucosa murmur muscle musculoskeletal myalgia
myocardial nasal nausea neck necrosis neonatal nephrology nerve neuro neurology neuropathy neutropenia nodule numbness nursing nutrition
obese obesity objective obstruction obstructive occlusion oncology operative ophthalmology oral oriented orthopedic orthopedics orthostatic
osteoarthritis osteomyelitis osteoporosis outpatient oxygen pacemaker pain palliative pallor palpable palpation palpitations pancreas
pancreatitis paresthesia past pathology pediatric pediatrics pelvic pelvis perfusion pericardial peripheral peritonitis pharynx
phosphate physical placenta plan plasma platelet platelets pleural pneumonia pneumothorax polyp portal posterior postoperative
potassium pregnancy preoperative procedure prognosis prophylaxis prostate protein proximal pruritus psychiatric psychiatry psychosis pulmonary
pulse pupils quadrant radial radiation radiograph radiology rales rash reflux regurgitation rehab rehabilitation renal respiratory
rhonchi rhythm sclera seizure seizures sepsis septic serum shortness sinus skin sodium spasm specimen spinal spine spleen sputum stenosis
stent sternal stomach stool stroke subcutaneous subjective superior surgery surgical suture swelling symmetric syncope syndrome
systolic tachycardia tenderness tendon therapy thoracic thrombosis thyroid tibia tissue tolerated trachea transfusion trauma tremor
tricuspid triglycerides troponin tumor ulcer ultrasound unremarkable ureter urinalysis urinary urine urology uterus vaccine vaginal valve
vascular vein venous ventilation ventilator ventricular vertebral vertigo vision vital vitals vomiting wbc weakness wheezing wound wrist xray
subjective objective reviewed denies reports endorses presents admitted discharged transferred consult consults consulted consulting
service unit ward floor room clinic center department attending resident fellow intern nurse physician provider doctor therapist
patient pt mother father family tablet tablets capsule capsules injection solution daily nightly weekly monthly hourly bid tid qid qhs qam
qpm prn po iv im sq subq stat npo adl adls dnr dni ros hpi pmh psh fhx shx cc hx dx tx rx sx fx labs lab vss nad rrr ctab perrla eomi
mmm jvd cta nontender nondistended normoactive wnl abnormal normal negative positive stable unstable improved worsening chronic acute mild moderate
severe left right upper lower bilaterally status post secondary likely possible probable rule versus without with medtronic stryker zimmer
biomet smith nephew boston scientific abbott jude philips siemens baxter roche pfizer merck novartis moderna janssen astrazeneca
tdap mmr hib pcv ipv hpv covid influenza pneumovax prevnar shingrix gardasil fluzone hba1c tsh ldl hdl inr ptt cbc bmp cmp lft lfts bnp crp esr
psa afp cea ana anca ast alt alp ggt ldh cpk mcv mch rdw anc egfr gfr spo2 fio2 peep abg vbg lactate ketones nitrite leukocyte
esterase rbc hgb hct plt gram stain cocci bacilli escherichia coli klebsiella pseudomonas staphylococcus streptococcus enterococcus
candida aspergillus clostridium difficile helicobacter pylori neisseria chlamydia treponema mycobacterium tuberculosis mrsa vre esbl
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
today tomorrow yesterday tonight morning afternoon evening""".split()

SAFE_TITLES = """General Internal Family Emergency Intensive Critical Primary Acute Chronic History Physical Present Illness Review Systems
Chief Complaint Hospital Course Discharge Summary Progress Note Consultation Operative Report Procedure Assessment Plan Impression
Findings Technique Comparison Indication Recommendations Medications Allergies Social Surgical Past Medical Vital Signs Laboratory Data
Imaging Studies Disposition Condition Follow Instructions Addendum Attestation Subjective Objective Interval Events Overnight Neuro
Neurologic Psychiatric Musculoskeletal Skin Extremities Abdomen Lungs Chest Heart Neck Eyes Ears Nose Throat Head Constitutional
Genitourinary Gastrointestinal Endocrine Hematologic Immunologic Respiratory Cardiovascular Reason Visit Date Time Location Unit
Department Service Attending Physician Provider Author Signed Electronically Dictated Transcribed Status Type Specimen Collected
Received Reported Result Reference Range Units Flag High Low Normal Abnormal Final Preliminary Corrected Patient Name Age Sex Gender
Male Female Race Ethnicity Language Religion Marital Single Married Divorced Widowed Insurance Address Phone Contact Emergency""".split()
