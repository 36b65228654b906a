"""The words institutions are named with, in English and the languages of Europe.

Registries write 'Univ. Hosp. Ctr.', 'Hôpital Universitaire' and 'University Hospital Centre' for
one idea. The tables below bring such words to one English form and say how little each of them
tells one institution from another. They hold the vocabulary of names, never the name of an
institution.
"""

_FORMS = """
hospital: hosp hospl hsp hospitl hospitals hopital hopitaux ospedale ospedali ospedaliera
hospital: ospedaliero
hospital: hospitalier hospitaliers hospitaliere krankenhaus spital ziekenhuis szpital
hospital: nemocnice sykehus
hospital: sygehus sjukhus hospitales hospitalario bolnica bolnisnica sairaala spitalul hospitalet
university: univ unive uni universite universita universitat universitaet universidad universidade
university: universitario universitaria universitaire universitaires universiteit universitair
university: universitet universitetet universiteto uniwersytet uniwersytecki univerzita univerzitet
university: universitetssykehus universitats universitari universitar universitare universitatea
university: universitarios universitarias universities
university hospital: universitatsspital universitaetsspital universitatsklinikum
university hospital: universitaetsklinikum
university hospital: universitetssjukhus universitetshospital universitatsklinik universitaetsklinik
center: centre ctr cntr cntre centr centro centra centrum zentrum centers centres cent
institute: inst institut instituto istituto instituut instytut institutes instit
clinic: clinica clinique clin klinik kliniken klinikum klinika kliniek clinics cliniques clinicas
clinic: polyclinic polyclinics policlinico poliklinik polyclinique poliklinika clinc
medical: med medica medico medicale medisch medicaux medycznym medicine medicina medizin medecine
medical: medizinische medizinisches geneeskunde medycyny medyczny medicos
medical center: medctr
general: gen genl generale gral
national: natl nat nacional nazionale nationale nationaal narodowy nacionalni
regional: reg regionale regl
community: comm commun
memorial: mem meml
department: dept dpt depts dep departments dipartimento departement departamento
division: div divn
health: hlth healthcare salud saude sante
research: rsch resrch recherche ricerca investigacion forschung investigaciones
cancer: oncologia oncologie oncology oncologico onkologie onkologii onkologisches tumor
cancer: oncologica oncological
children: childrens child kinder enfants ninos bambino pediatric paediatric pediatrics paediatrics
children: pediatrico infantil
women: womens woman
saint: st ste sint sankt san santa santo sao sveti sainte
mount: mt
college: coll collge
school: sch
foundation: fdn found fondazione fondation fundacion stiftung fundacao fndn
association: assoc assn associacion asociacion associazione
associates: assocs
international: intl internacional
county: cnty
veterans affairs: va vamc
institution: instn institutions
faculty: fac faculte facultad facolta fakultat
service: serv services servicio servizio
laboratory: lab labs laboratories laboratoire laboratorio
science: sci sciences scis
technology: tech technol technological technical technische technique tecnica tecnico
academy: acad academia academie
center hospital: chu chru
hematology: haematology
gynecology: gynaecology
"""

# Kept apart from the table above: a company's legal form says nothing about which body it is.
_LEGAL_FORMS_TEXT = """
ltd limited inc incorporated llc llp plc pte pty pvt gmbh ag sa spa srl sarl bv nv ab oy as aps
corp corporation co kg kgaa sas sl kk bhd sdn lp pa pc psc pllc mbh ev eingetragen
"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS_TEXT.split())

_JOINING_TEXT = """
the of and for at in to on by a an de del della dello dei degli delle di da do dos das du des la
le les lo los las el il l d der die das den dem des und fur zur zum im am an et e y en van het
te ter ten voor och og i w z na
"""
JOINING = frozenset(_JOINING_TEXT.split())

# How much a word tells one institution from another; a word not listed counts 1.
# Heads name the kind of body: when they differ ('hospital', 'university'), so do the bodies.
HEADS = {
    "hospital": 0.35,
    "university": 0.5,
    "center": 0.3,
    "institute": 0.45,
    "institution": 0.3,
    "clinic": 0.35,
    "college": 0.5,
    "school": 0.45,
    "polytechnic": 0.6,
    "academy": 0.5,
    "foundation": 0.45,
    "council": 0.5,
    "society": 0.5,
    "association": 0.45,
    "agency": 0.5,
    "ministry": 0.6,
    "laboratory": 0.4,
    "system": 0.4,
    "group": 0.35,
    "network": 0.4,
    "board": 0.5,
    "authority": 0.5,
    "consortium": 0.5,
    "trust": 0.3,
    "hospice": 0.6,
    "infirmary": 0.5,
    "library": 0.7,
    "office": 0.5,
    "practice": 0.4,
}
COMMON = {
    "general": 0.45,
    "medical": 0.3,
    "national": 0.6,
    "regional": 0.4,
    "community": 0.4,
    "memorial": 0.35,
    "health": 0.35,
    "research": 0.4,
    "clinical": 0.3,
    "cancer": 0.6,
    "heart": 0.7,
    "eye": 0.8,
    "children": 0.6,
    "women": 0.6,
    "saint": 0.4,
    "mount": 0.4,
    "county": 0.4,
    "city": 0.4,
    "central": 0.5,
    "district": 0.5,
    "state": 0.5,
    "public": 0.5,
    "private": 0.4,
    "provincial": 0.5,
    "municipal": 0.5,
    "military": 0.7,
    "army": 0.7,
    "veterans": 0.6,
    "affairs": 0.2,
    "teaching": 0.4,
    "comprehensive": 0.2,
    "care": 0.3,
    "service": 0.3,
    "program": 0.3,
    "international": 0.5,
    "science": 0.4,
    "technology": 0.6,
    "education": 0.6,
    "associates": 0.3,
    "specialist": 0.5,
    "specialists": 0.5,
    "department": 0.2,
    "division": 0.2,
    "faculty": 0.3,
    "unit": 0.2,
    "site": 0.1,
    "campus": 0.2,
    "nhs": 0.1,
    "integrated": 0.4,
    "first": 0.9,
    "affiliated": 0.4,
}
# Words of dedication: many towns have a hospital of this name, so the town must agree.
_DEDICATIONS_TEXT = """
saint mercy memorial sacred heart holy cross trinity good samaritan providence baptist methodist
lutheran adventist presbyterian our lady mary joseph luke john francis elizabeth vincent thomas
anthony james paul peter michael george anne ann queen king prince princess royal mount sinai
hope grace bethesda riverside
"""
DEDICATIONS = frozenset(_DEDICATIONS_TEXT.split())

# A part of a name that opens with one of these is a part of an institution.
_DIVISIONS_TEXT = """
department division section service ward unit room floor suite level building block wing desk
office faculty attn attention program programme clinicaltrials outpatient inpatient pharmacy
laboratory abteilung reparto
"""
DIVISIONS = frozenset(_DIVISIONS_TEXT.split())
# Fields of medicine, with which a department is named when the word department is left out.
FIELD_ENDINGS = ("ology", "ologie", "ologia", "iatrics", "iatry", "urgery", "esthesia", "therapy")
_FIELD_WORDS_TEXT = """
medical cancer infectious diseases disease surgery neuroscience neurosciences medicine internal
critical care emergency intensive nephrology cardiac cardiovascular radiation imaging
dermatology orthopedics orthopaedics obstetrics ophthalmic renal trauma hiv aids crs ctu cru
pulmonary respiratory nuclear palliative transplant stroke diabetes endocrine genetics pathology
and of clinical trials trial research nursing anesthesia anaesthesia psychiatry pediatric
children adult family
"""
FIELD_WORDS = frozenset(_FIELD_WORDS_TEXT.split())


def _forms() -> dict[str, str]:
    """Return written form -> word or words it stands for."""
    found: dict[str, str] = {}
    for line in _FORMS.strip().splitlines():
        word, written = line.split(": ")
        found.update(dict.fromkeys(written.split(), word))
    return found


FORMS = _forms()
WEIGHTS = {**dict.fromkeys(JOINING, 0.0), **COMMON, **HEADS}
