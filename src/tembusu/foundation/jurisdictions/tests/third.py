"""A third country, invented: small enough to change in a test, and unlike the others."""

THIRD = """
schema = 1
key = "third"
name = "Third country"
country = "FR"

[sources]
law = "https://example.org/law"

[[calendar]]
key = "weekend"
label = "Weekend"
kind = "words"
value = ["Friday", "Saturday"]
source = "@law"

[[calendar]]
key = "holidays"
label = "Holidays"
kind = "text"
value = "FR"
source = "@law"

[[calendar]]
key = "added"
label = "Further days"
kind = "dates"
value = ["2026-03-03 Day of the river"]
source = "@law"

[[authorities]]
key = "council"
label = "The council"
value = "Council of Trials"
source = "@law"
verified = true
type = "regulator"
short = "CoT"

[[clocks]]
key = "permit"
label = "Permit"
value = 10
unit = "working days"
source = "@law"
to = 2026-01-01
verified = true
starts_on = "receipt"
runs_for = "regulator"
event = "initial"
obligation = ["permit"]

[[clocks]]
key = "permit"
label = "Permit"
value = 2
unit = "months"
source = "@law"
from = 2026-01-01
verified = true
starts_on = "receipt"
runs_for = "regulator"
event = "initial"
obligation = ["permit"]

[[obligations]]
key = "permit"
label = "Permit"
value = "Permit of the council"
source = "@law"
authority = "council"
cardinality = "product"

[[questions]]
key = "risky"
label = "Is it risky?"
source = "@law"
[questions.value]
level = "study"
text = "Is the study risky?"
choices = [{ value = "yes", label = "Yes" }, { value = "no", label = "No" }]

[[questions]]
key = "new"
label = "Is it new?"
source = "@law"
[questions.value]
level = "product"
text = "Is the product new?"
asked_when = [{ risky = ["yes"] }]
choices = [{ value = "yes", label = "Yes" }, { value = "no", label = "No" }]

[[routes]]
key = "calm"
label = "Calm study"
source = "@law"
[routes.value]
level = "study"
when = [{ risky = ["no"] }]
obligation = "none"
label = "No permit; check these"
reason = "Calm studies need no permit."
checks = [{ text = "Ask the institution." }]

[[routes]]
key = "risky"
label = "Risky study"
source = "@law"
[routes.value]
level = "product"
when = [{ new = ["yes", "no"] }]
obligation = "permit"
clocks = [{ clock = "permit" }]
reason = "Risky studies need a permit for each product."
"""
