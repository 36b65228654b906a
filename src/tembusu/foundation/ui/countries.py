"""Names of countries by their ISO 3166-1 alpha-2 codes; the first is the one that we show.

The English names of ISO 3166, Unicode CLDR and GeoNames and the spellings of ClinicalTrials.gov:
reference data of the whole world.
"""

import difflib
import unicodedata

HOW_A_COUNTRY = (
    "Give the country by its two letters in ISO 3166, such as SG, or by its English name in full."
)

NAMES = """
AD = Andorra
AE = United Arab Emirates | UAE
AF = Afghanistan
AG = Antigua and Barbuda
AI = Anguilla
AL = Albania
AM = Armenia
AO = Angola
AQ = Antarctica
AR = Argentina
AS = American Samoa
AT = Austria
AU = Australia
AW = Aruba
AX = Åland Islands
AZ = Azerbaijan
BA = Bosnia and Herzegovina | Bosnia-Herzegovina
BB = Barbados
BD = Bangladesh
BE = Belgium
BF = Burkina Faso
BG = Bulgaria
BH = Bahrain
BI = Burundi
BJ = Benin
BL = Saint Barthélemy
BM = Bermuda
BN = Brunei | Brunei Darussalam
BO = Bolivia | Bolivia, Plurinational State of | Plurinational State of Bolivia
BQ = Caribbean Netherlands | Bonaire, Sint Eustatius and Saba
BR = Brazil
BS = Bahamas | The Bahamas
BT = Bhutan
BV = Bouvet Island
BW = Botswana
BY = Belarus
BZ = Belize
CA = Canada
CC = Cocos (Keeling) Islands
CD = Congo, The Democratic Republic of the | Democratic Republic of the Congo | DR Congo
CD = Congo - Kinshasa
CF = Central African Republic
CG = Congo | Republic of the Congo | Congo - Brazzaville
CH = Switzerland
CI = Côte d'Ivoire | Côte D'Ivoire | Ivory Coast
CK = Cook Islands
CL = Chile
CM = Cameroon
CN = China | People's Republic of China | China, People's Republic of
CO = Colombia
CR = Costa Rica
CU = Cuba
CV = Cape Verde | Cabo Verde
CW = Curaçao | Curacao
CX = Christmas Island
CY = Cyprus
CZ = Czechia | Czech Republic
DE = Germany
DJ = Djibouti
DK = Denmark
DM = Dominica
DO = Dominican Republic
DZ = Algeria
EC = Ecuador
EE = Estonia
EG = Egypt
EH = Western Sahara
ER = Eritrea
ES = Spain
ET = Ethiopia
FI = Finland
FJ = Fiji
FK = Falkland Islands | Falkland Islands (Malvinas)
FM = Micronesia | Micronesia, Federated States of | Federated States of Micronesia
FO = Faroe Islands
FR = France
GA = Gabon
GB = United Kingdom | UK | Great Britain | England | Scotland | Wales | Northern Ireland
GB = United Kingdom of Great Britain and Northern Ireland
GD = Grenada
GE = Georgia
GF = French Guiana
GG = Guernsey
GH = Ghana
GI = Gibraltar
GL = Greenland
GM = Gambia | The Gambia
GN = Guinea
GP = Guadeloupe
GQ = Equatorial Guinea
GR = Greece
GS = South Georgia and South Sandwich Islands
GT = Guatemala
GU = Guam
GW = Guinea-Bissau
GY = Guyana
HK = Hong Kong | Hong Kong SAR China | Hong Kong SAR
HM = Heard and McDonald Islands
HN = Honduras
HR = Croatia
HT = Haiti
HU = Hungary
ID = Indonesia
IE = Ireland | Republic of Ireland
IL = Israel
IM = Isle of Man
IN = India
IO = British Indian Ocean Territory
IQ = Iraq
IR = Iran | Iran, Islamic Republic of | Islamic Republic of Iran
IS = Iceland
IT = Italy
JE = Jersey
JM = Jamaica
JO = Jordan
JP = Japan
KE = Kenya
KG = Kyrgyzstan
KH = Cambodia
KI = Kiribati
KM = Comoros
KN = Saint Kitts and Nevis
KP = North Korea | Korea, Democratic People's Republic of | Democratic People's Republic of Korea
KR = South Korea | Korea, Republic of | Republic of Korea | Korea, South | Korea
KW = Kuwait
KY = Cayman Islands
KZ = Kazakhstan
LA = Laos | Lao People's Democratic Republic
LB = Lebanon
LC = Saint Lucia
LI = Liechtenstein
LK = Sri Lanka
LR = Liberia
LS = Lesotho
LT = Lithuania
LU = Luxembourg
LV = Latvia
LY = Libya | Libyan Arab Jamahiriya
MA = Morocco
MC = Monaco
MD = Moldova | Moldova, Republic of | Republic of Moldova
ME = Montenegro
MF = Saint Martin | Saint Martin (French part)
MG = Madagascar
MH = Marshall Islands
MK = North Macedonia | Macedonia, The Former Yugoslav Republic of | Macedonia
MK = Republic of North Macedonia
ML = Mali
MM = Myanmar | Burma
MN = Mongolia
MO = Macao | Macau | Macao SAR China
MP = Northern Mariana Islands
MQ = Martinique
MR = Mauritania
MS = Montserrat
MT = Malta
MU = Mauritius
MV = Maldives
MW = Malawi
MX = Mexico
MY = Malaysia
MZ = Mozambique
NA = Namibia
NC = New Caledonia
NE = Niger
NF = Norfolk Island
NG = Nigeria
NI = Nicaragua
NL = Netherlands | The Netherlands | Holland
NO = Norway
NP = Nepal
NR = Nauru
NU = Niue
NZ = New Zealand
OM = Oman
PA = Panama
PE = Peru
PF = French Polynesia
PG = Papua New Guinea
PH = Philippines
PK = Pakistan
PL = Poland
PM = Saint Pierre and Miquelon
PN = Pitcairn Islands
PR = Puerto Rico
PS = Palestine | Palestinian Territories | Palestinian Territory, Occupied | State of Palestine
PS = Palestinian Territory
PT = Portugal
PW = Palau
PY = Paraguay
QA = Qatar
RE = Réunion | Reunion
RO = Romania
RS = Serbia
RU = Russia | Russian Federation
RW = Rwanda
SA = Saudi Arabia
SB = Solomon Islands
SC = Seychelles
SD = Sudan
SE = Sweden
SG = Singapore
SH = Saint Helena
SI = Slovenia
SJ = Svalbard and Jan Mayen
SK = Slovakia | Slovak Republic
SL = Sierra Leone
SM = San Marino
SN = Senegal
SO = Somalia
SR = Suriname
SS = South Sudan
ST = São Tomé and Príncipe
SV = El Salvador
SX = Sint Maarten | Sint Maarten (Dutch part)
SY = Syria | Syrian Arab Republic
SZ = Eswatini | Swaziland
TC = Turks and Caicos Islands
TD = Chad
TF = French Southern Territories
TG = Togo
TH = Thailand
TJ = Tajikistan
TK = Tokelau
TL = Timor-Leste | East Timor
TM = Turkmenistan
TN = Tunisia
TO = Tonga
TR = Türkiye | Turkey | Turkey (Türkiye)
TT = Trinidad and Tobago
TV = Tuvalu
TW = Taiwan | Taiwan, Province of China | Taiwan, Republic of China
TZ = Tanzania | Tanzania, United Republic of | United Republic of Tanzania
UA = Ukraine
UG = Uganda
UM = U.S. Outlying Islands
US = United States | United States of America | USA | U.S.A. | U.S.
UY = Uruguay
UZ = Uzbekistan
VA = Vatican City | Holy See | Holy See (Vatican City State)
VC = Saint Vincent and Grenadines
VE = Venezuela | Venezuela, Bolivarian Republic of | Bolivarian Republic of Venezuela
VG = British Virgin Islands | Virgin Islands (British)
VI = U.S. Virgin Islands | Virgin Islands (U.S.)
VN = Vietnam | Viet Nam
VU = Vanuatu
WF = Wallis and Futuna
WS = Samoa
XK = Kosovo | Republic of Kosovo
YE = Yemen
YT = Mayotte
ZA = South Africa
ZM = Zambia
ZW = Zimbabwe
"""


def _lines() -> list[tuple[str, list[str]]]:
    pairs = (line.split(" = ") for line in NAMES.strip().splitlines())
    return [(code, names.split(" | ")) for code, names in pairs]


def _plain(text: str) -> str:
    """Return a text in small letters without accents, its words parted by one blank."""
    signs = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(one for one in signs if not unicodedata.combining(one)).split())


# Of a code with several lines the first is shown.
_SHOWN = {code: names[0] for code, names in reversed(_lines())}
_CODES = {_plain(name): code for code, names in _lines() for name in (code, *names)}
_NAMES = {_plain(name): name for _, names in _lines() for name in names}


def country_name(code: str) -> str:
    """Return a country's name, or the code itself where it is not in use."""
    return _SHOWN.get(code, code)


def country_code(text: str) -> str:
    """Return the code of a country given by its code or by any of its names; '' for no country."""
    return _CODES.get(_plain(text), "")


def near_country(text: str) -> str:
    """Return the country's name that a mistyped text most likely means; '' where none is near."""
    near = difflib.get_close_matches(_plain(text), _NAMES, n=1, cutoff=0.8)
    return _NAMES[near[0]] if near else ""
