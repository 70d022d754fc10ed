"""Words that are nobody: abbreviations and rooms of charts, what people say, languages."""

from __future__ import annotations

from .wordset import word_set

ACRONYMS = word_set("""
    aka bka tka tha tkr thr acl mcl pcl lcl dip pip mcp cmc si tmj gi gu gyn ob ent hr er ed or pacu icu micu sicu
    nicu picu ccu cvicu csicu tele snf ltac irf alf ilf rcf dme hme cpap bipap avap vns dbs scs tens tpn ppn peg png
    ngt ogt gtt jp jvd jvp pnd doe sob cp abd ext heent cv resp neuro msk derm psych endo heme onc id rheum renal
    cards pulm vasc ctsx nsgy ortho uro ste rw sbqc fww scd ted dvt pe ue le rue lue rle lle ruq luq rlq llq rul rml
    rll lul lll lad lcx rca om pda svg lima rima ef lvef rvsp as ar mr ms tr pr vsd asd pfo tof tga hocm dcm nicm
    icm hfref hfpef afib aflutter svt vt vf avnrt wpw lbbb rbbb pvc pac nsr rsr ric bte itc cic haart art arv hcv
    hbv hsv cmv ebv vzv hpv rsv vre esbl cre cdi uti cap hap vap sbp abx pcn nsaid ssri snri tca maoi acei arb ccb
    bb ppi h2b glp dpp sglt sgl ics laba lama saba prn po iv im sc sl pv lucas aed cpr rosc pea acls bls als ems fmc
    fd pd dot mva mvc gsw sw loc gcs icp evd vps csf lp emg eeg ekg ecg tte tee mri mra mrv mrcp ct cta pet us kub
    cxr dexa mammo bx fna egd ercp tips tace rfa imrt sbrt xrt chemo cr sd mtd dlt cbt dbt act emdr ect tms iop php
    aa na acoa hi avh ptsd ocd adhd odd gad mdd bpd npd scz tbi mci adl iadl lmp edc edd ega gbs pprom prom sab tab
    lga sga aga iugr ctg nst bpp afi svd vbac ltcs tolac ppd mfm reis ivf iui ivig ttp itp hit dic aml cml all cll
    mds mpn mm nhl hl gvhd sct bmt car nsclc sclc hcc rcc crc gbm tnbc dcis lcis bun ast alt alp ggt ldh cpk ck crp
    esr ana rf anca tsh pth psa cea afp hcg bnp abg vbg ua ucx bcx lft bmp cmp cbc inr ptt pta sdh edh sah ich cva
    tia nph hd msa psp cbd ftd dlb
""")
SPOKEN = word_set("""
    um uh uhm umm uhh uhhuh er erm hm hmm hmmm mm mmm mmhm mmhmm mhm mm-hmm mm-hm uh-huh uh-oh ohh ooh oops ouch ugh
    whoa yeah yep yup yessir nope okay okey mkay alright alrighty hi hello hey goodbye gosh goodness gotcha gon wan
    gonna wanna gotta kinda sorta lemme gimme dunno cuz 'cause doin goin i'm i've n't i'll i'd that'll that's it's
    how's she's he's they're we're you're please thanks sir ma'am maam madam
    lol omg omw idk thx pls plz
""")
SAID = word_set("""
    oh ah ahh ha hah haha huh eh ow aw aww hum nah ok yea dang damn darn man bye gee wow welcome nice got ca wo na
    ta guest nurse
""")
SPEAKERS = word_set("""
    doctor doctors doc patient patients clinician provider physician therapist interviewer interviewee speaker
    moderator mom mommy mum dad daddy grandma grandpa grandkids folks caller operator scribe
""")
DOSES = word_set("""
    prn po bid tid qid qd qhs hs qam qpm npo pc ac am pm od os ou pr im iv sc sq sl gtt gtts tab tabs cap caps mg
    mcg ml cc oz lb lbs kg cm mm mmhg hg cgy gy meq bpm mph htn hx fhx shx pmh psh ros mva bp hr rr sat sats nad
    ncat perrla eomi dtr dtrs mris cts nsaids nsaid apgar apgars
""")
LANGUAGES = word_set("""
    english spanish french german italian portuguese russian ukrainian polish czech romanian hungarian greek turkish
    arabic farsi persian dari pashto urdu hindi bengali punjabi gujarati tamil telugu nepali mandarin cantonese
    chinese japanese korean vietnamese khmer hmong lao thai burmese tagalog filipino somali amharic tigrinya swahili
    yoruba igbo hausa haitian creole hebrew yiddish armenian albanian bosnian serbian croatian danish swedish
    norwegian finnish dutch latin american european african asian caucasian hispanic latino latina
""")
GENERIC = word_set("""
    off on campus site based provider level trauma unspecified other free standing independent living new old big
    emergency general family primary urgent acute critical intensive community regional local outside our the this
    that same day hospital hospitals medical center centers centre clinic clinics department dept unit internal
    pediatric pediatrics surgical surgery oncology cardiology orthopedic orthopedics orthopaedic rehab
    rehabilitation health care home nursing pharmacy outpatient inpatient ambulatory pain wound sleep eye vision
    dental women womens children childrens cancer heart transferred admitted discharged to from at in of and patient
    nearest another any discharge admission previous prior psychiatric psychiatry long term skilled facility
    facilities practice office offices suite suites ward wards room rooms operating operative endoscopy angiography
    angio cath lab laboratory radiology imaging diagnostic diagnostics postanesthesia post anesthesia recovery
    holding preoperative postoperative preop postop transitional step down telemetry neonatal maternity obstetric
    obstetrics gynecology gyn urology urologic neurology neurologic neurosurgery neurosurgical nephrology renal
    dialysis pulmonary pulmonology respiratory rheumatology dermatology endocrinology endocrine gastroenterology gi
    hematology infectious disease diseases immunology allergy ophthalmology optometry otolaryngology ent podiatry
    bariatric bariatrics plastic vascular thoracic cardiac cardiovascular cardiothoracic colorectal hepatology
    genetics geriatric geriatrics hospice palliative physical occupational speech therapy therapies rehabilitative
    physiotherapy spine hand foot ankle sports medicine internal neuro burn stroke chest breast prenatal fertility
    midwifery vein lung liver kidney transplant infusion chemotherapy radiation mental behavioral addiction detox
    substance abuse consultation consult service services er ed icu school schools high middle elementary grade
    preschool kindergarten daycare church senior seniors assisted memory adult group retirement juvenile hall foster
    shelter jail prison complex institute institution program programs team tertiary referral specialty specialist
    specialists wellness screening walk-in student veterans anticoagulation coumadin diabetes diabetic asthma
    headache spasticity tumor movement seizure epilepsy voice hearing balance cleft scoliosis lipid hypertension
""")
