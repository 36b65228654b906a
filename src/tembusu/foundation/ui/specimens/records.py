"""The fictitious people, bodies and studies of the gallery, and every state of a component."""

from datetime import UTC, datetime

from tembusu.foundation.ui import paging
from tembusu.foundation.ui.terms import (
    Act,
    Badge,
    Bar,
    Blocked,
    Cell,
    Change,
    Chip,
    Choice,
    Column,
    Crumb,
    Fact,
    JobProgress,
    JobState,
    KeyFigure,
    Meter,
    Point,
    Shape,
    Step,
    StepState,
    Tab,
    Tone,
    TrailEntry,
    Turn,
    Work,
)

NOW = datetime(2026, 11, 21, 1, 12, tzinfo=UTC)
JOB_TOTAL = 4_000
FIRST_PAGE = paging.Page(rows=range(50), next="shown", count=paging.Count(1_284))
MIDDLE_PAGE = paging.Page(
    rows=range(50), n_before=250, next="shown", previous="shown", count=paging.Count(1_284)
)
LAST_PAGE = paging.Page(
    rows=range(34), n_before=499_950, previous="shown", count=paging.Count(10_000, is_capped=True)
)

STATUSES = [
    Badge("Recruiting", Tone.OK),
    Badge("In start-up", Tone.INFO),
    Badge("Due in 2 days", Tone.WARN),
    Badge("Overdue 3 days", Tone.BAD),
    Badge("Completed", Tone.QUIET, Shape.TICK),
    Badge("Your turn", Tone.TURN),
    Badge("On hold", Tone.INFO, Shape.PAUSE),
    Badge("Withdrawn", Tone.QUIET, Shape.SQUARE),
    Badge("Not started", Tone.QUIET),
]
ACTS = [
    Act("Copy the link", "#copy"),
    Act("Export as JSON", "#json"),
    Act("Follow", "#follow"),
    Act("Withdraw the study", "#withdraw", is_danger=True),
]
CHIPS = [
    Chip("Status", "recruiting", remove_url="?"),
    Chip("Phase", "3", remove_url="?"),
    Chip("Overdue", url="?overdue=1", count=3),
    Chip("Mine", url="?mine=1", count=12),
]
CHOICES = [
    Choice("2", "Phase 2", 31),
    Choice("3", "Phase 3", 120, is_held=True),
    Choice("4", "Phase 4", 9),
]
PHASE_CHOICES = [
    Chip("Phase 1", url="?phase=1", count=41),
    Chip("Phase 2", url="?phase=2", count=318),
    Chip("Phase 3", remove_url="?", count=602),
    Chip("Phase 4", url="?phase=4", count=323),
]
TABS = [
    Tab("Overview", "#overview", is_current=True),
    Tab("Sites", "#sites", 6),
    Tab("Eligibility", "#eligibility"),
    Tab("Outcomes", "#outcomes", 9),
    Tab("Versions", "#versions", 4),
    Tab("Trail", "#trail", 148),
]
CRUMBS = [Crumb("Studies", "/ui/list/"), Crumb("TMB-0212 LANTERN")]
STEPS = [
    Step("Idea", StepState.DONE, "3 Mar"),
    Step("Feasible", StepState.DONE, "19 May"),
    Step("Ethics approved", StepState.DONE, "30 Oct"),
    Step("Agreement", StepState.NOW, "due 27 Nov"),
    Step("Site ready", StepState.NEXT, "plan 5 Jan"),
    Step("Open", StepState.NEXT, "forecast 19 Jan"),
]
TURN = Turn(
    label="It is the institution’s turn",
    headline="Nadia Rahim, research office of Merbau Health, reviews budget round 2",
    times=(
        ("Holds the turn since", "6 November, 11 working days"),
        ("Due", "27 November, in 4 working days"),
        ("Next after this", "Both parties sign"),
    ),
    act=Act("Approve the budget", "/ui/decision/"),
    others=(Act("Ask the sponsor", "#ask"), Act("Hold with a reason", "#hold")),
)
TURN_OTHER = Turn(
    label="It is the ethics board’s turn",
    headline="Board B reads amendment 2",
    times=(("Holds the turn since", "17 November, 4 working days"), ("Due", "15 December")),
    note="You will be told when the board answers.",
)
BLOCKED = [
    Blocked(
        "Open the site",
        "The agreement is unsigned; the delegation log lacks one signature.",
        "#agreement",
        "Open the agreement",
    ),
    Blocked("Ship study medicine", "The pharmacy manual waits for the investigator."),
]
FACTS = [
    Fact("Registry number", "NCT09990212", url="#registry"),
    Fact("Sponsor", "Damar Therapeutics"),
    Fact("Phase", "3"),
    Fact("Planned", "240 participants", "estimated"),
    Fact("Investigator", "Dr Tan Li Shan"),
    Fact("Ethics", "2026/1177", "valid to 29 October 2027"),
    Fact("Acronym of the parent study"),
]
TRAIL = [
    TrailEntry(
        datetime(2026, 11, 20, 1, 12, tzinfo=UTC),
        "Comment from the sponsor.",
        who="Ines Duarte",
        note="Damar Therapeutics confirmed the pharmacy fee.",
        is_turning=True,
    ),
    TrailEntry(
        datetime(2026, 11, 17, 8, 40, tzinfo=UTC),
        "Two fields changed.",
        who="Nadia Rahim",
        reason="the pharmacy manual arrived late",
        changes=(
            Change("Agreement due", "20 Nov 2026", "27 Nov 2026"),
            Change("Pharmacy contact", None, "Joel Sim"),
        ),
    ),
    TrailEntry(
        datetime(2026, 11, 6, 2, 5, tzinfo=UTC),
        "Turn passed to the institution.",
        note="Budget round 2 received from the sponsor.",
        who="Ines Duarte",
        is_turning=True,
    ),
    TrailEntry(
        datetime(2026, 3, 3, 9, 0, tzinfo=UTC),
        "Imported from the registry.",
        who="import of 3 March",
        note="24 fields came with it.",
        url="#import",
    ),
]
CHANGES = [
    Change(
        "Brief title",
        "LANTERN: VN-118 in Early Nasopharyngeal Cancer",
        "LANTERN: VN-118 With Radiotherapy in Early Nasopharyngeal Carcinoma",
    ),
    Change("Enrolment", "180 (estimated)", "240 (estimated)"),
    Change("Primary completion", "Jun 2028", "Dec 2028"),
    Change("Why stopped", None, None),
    Change("Acronym", None, "LANTERN"),
]
WORK = [
    Work(
        "1",
        "Answer the ethics query",
        Badge("Overdue 3 days", Tone.BAD),
        "MERANTI-Kids at Sepetir Children’s Hospital",
        "2 questions from board C on the assent form",
        "9 days",
        "since 12 Nov",
        "#1",
        "Answer",
        "#answer",
        is_urgent=True,
    ),
    Work(
        "2",
        "Confirm October recruitment",
        Badge("Due today", Tone.WARN),
        "CORAL-HF, 4 sites",
        "31 recruited, 2 sites without a figure",
        "19 days",
        "since 2 Nov",
        "#2",
        "Confirm",
        "#confirm",
        is_picked=True,
    ),
    Work(
        "3",
        "Confirm October recruitment",
        Badge("Due today", Tone.WARN),
        "Halia registry, 6 sites",
        "118 recruited, complete",
        "19 days",
        "since 2 Nov",
        "#3",
        "Confirm",
        "#confirm",
        is_picked=True,
    ),
    Work(
        "4",
        "Approve budget round 2",
        Badge("Due 27 Nov"),
        "LANTERN at Rain Tree General Hospital",
        "The sponsor commented this morning",
        "15 days",
        "since 6 Nov",
        "#4",
        "Approve",
        "#approve",
    ),
    Work(
        "5",
        "Name a second pharmacist",
        Badge("Held to 4 Dec", Tone.INFO, Shape.PAUSE),
        "TIDE-01 at Kempas Medical Centre",
        "On hold: the post is being filled",
        "31 days",
        "since 21 Oct",
        "#5",
        "Resume",
        "#resume",
    ),
]
STUDY_COLUMNS = [
    Column("Study", "title"),
    Column("Status", "status"),
    Column("Phase", "phase"),
    Column("Planned", "planned", is_number=True),
    Column("Updated", "updated"),
]
STUDY_ROWS = [
    [
        Cell(title, f"{number} · {sponsor}", "/ui/record/"),
        Cell("", badge=STATUSES[status]),
        phase,
        planned,
        updated,
    ]
    for title, number, sponsor, status, phase, planned, updated in (
        (
            "VN-118 with radiotherapy in early nasopharyngeal carcinoma",
            "NCT09990212",
            "Damar Therapeutics",
            1,
            "3",
            "240",
            "20 Nov 2026",
        ),
        (
            "Home blood pressure telemonitoring after stroke",
            "NCT09990187",
            "Merbau Health",
            0,
            "n/a",
            "1,200",
            "18 Nov 2026",
        ),
        (
            "Dengue vaccine booster in adults aged 60 and over",
            "ISRCTN99901441",
            "Seraya University",
            3,
            "2",
            "410",
            "11 Nov 2026",
        ),
        (
            "Early mobilisation after hip fracture",
            "NCT09989920",
            "Kempas Medical Centre",
            4,
            "n/a",
            "156",
            "2 Nov 2026",
        ),
        (
            "Paediatric asthma action plans in four languages",
            "NCT09989655",
            "Sepetir Children’s Hospital",
            7,
            "n/a",
            "88",
            "30 Oct 2026",
        ),
    )
]
FIGURES = [
    KeyFigure(
        "Selected to open, median",
        "148",
        "days",
        "95% interval 139–157",
        "n 412, 96 unfinished · year before 163",
        "#cases",
    ),
    KeyFigure("Open within 120 days", "34%", "", "95% interval 30–39", "n 412 · year before 27%"),
    KeyFigure("First participant within 30 days", "51%", "", "95% interval 45–57", "n 316"),
    KeyFigure(
        "Stuck over 30 days",
        "23",
        "study-sites",
        "",
        "of 96 in start-up today",
        "#stuck",
        "Open the list",
    ),
]
TREND = [
    Point(label, value, low, high)
    for label, value, low, high in (
        ("Q1", 171, 157, 185),
        ("Q2", 168, 156, 180),
        ("Q3", 163, 151, 175),
        ("Q4", 165, 153, 177),
        ("Q1", 158, 147, 169),
        ("Q2", 149, 139, 159),
        ("Q3", 146, 135, 157),
    )
]
TREND_ROWS = [
    [f"{2025 + i // 4} {p.label}", f"{p.value:.0f}", f"{p.low:.0f}–{p.high:.0f}"]
    for i, p in enumerate(TREND)
]
BARS = [
    Bar("Agreement and budget", 66, "66 days"),
    Bar("Ethics review", 39, "39 days"),
    Bar("Site preparation", 31, "31 days"),
    Bar("Regulator review", 20, "20 days"),
    Bar("Agreement, year before", 71, "71 days", is_subject=False),
]
METERS = [
    Meter(
        "Registration data set",
        18,
        24,
        (
            "Secondary sponsor",
            "Ethics approval date",
            "Summary results",
            "IPD sharing plan",
            "Secondary ids",
            "Completion date",
        ),
    ),
    Meter("Registration data set", 24, 24),
    Meter("Registration data set", 0, 24),
]
JOBS = [
    JobProgress(
        "Import of registry records",
        JobState.WAITING,
        unit="records",
        message="Two jobs are ahead",
        cancel_url="#cancel",
    ),
    JobProgress("Export of studies", JobState.RUNNING, 18_230, None, "rows", cancel_url="#cancel"),
    JobProgress(
        "Import of registry records",
        JobState.DONE,
        4_000,
        4_000,
        result_url="#result",
        counts=(("Created", 3_212), ("Updated", 640), ("Unchanged", 141), ("Refused", 7)),
    ),
    JobProgress(
        "Import of registry records",
        JobState.FAILED,
        1_020,
        4_000,
        message="The file could not be opened: it is not a gzip file. Send it again.",
    ),
    JobProgress(
        "Export of studies",
        JobState.CANCELLED,
        2_000,
        8_000,
        "rows",
        message="Cancelled by Nadia Rahim",
    ),
]
