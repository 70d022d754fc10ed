"""Words of charts that are nobody: abbreviations, rooms, and the small words of other languages' notes."""

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
NO_PLACE = word_set("""
    home house hospital clinic high low ward unit floor room bed office church school store pharmacy park street
    lane road court center centre needlestick needle hall lab ramp kitchen bathroom hallway porch yard garage foley
    braden qds tds walker wheelchair waterlow barthel
""")
FOREIGN = word_set("""
    de del la las el los un una con sin por para en al su sus y o que se fue es ha han dado dada alta ingresada
    ingresado informe aguda agudo leve grave dolor fiebre tos mareo cada horas veces noche comida reposo hijo hija
    esposo esposa madre padre vive acude desde ayer hace semanas semana meses mes nombre fecha nacimiento cita
    control consulta tratamiento diagnóstico diagnostico der die das und mit ohne wegen wurde entlassen aufnahme
    keine allergien le les des et avec sans pour né ne douleur adressé par il lo gli della dello per senza
    dimissione paziente nato residente em da do dos uma
""")
NOBODY = word_set("""
    colleague colleagues lien insd clmt anaes wt ht ogd dosette coblation norad norepi psalm hwy highway mon tue tues
    wed thu thur thurs fri collie labrador beagle retriever shepherd terrier poodle spaniel nobivac ward clerk
    receptionist
    reception dispensary theatre coordinator nappy nappies grommets panendo handover workstation
    helpdesk pi-rads bi-rads ti-rads li-rads lung-rads o-rads
""")
