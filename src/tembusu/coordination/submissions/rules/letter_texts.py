"""The texts with which a board's templates begin. The secretary edits them; each change is a version."""

from collections.abc import Mapping

from tembusu.coordination.submissions.terms import LetterKind

DEFAULTS: Mapping[LetterKind, tuple[str, str]] = {
    LetterKind.APPROVAL: (
        "{{number}}: approval of {{study_number}}",
        "Dear {{applicant}},\n\n"
        "{{board}} has reviewed your {{kind}}, received on {{received_date}}, for the study\n\n"
        "{{study_title}} ({{study_number}}).\n\n"
        "It is approved by decision of {{decided_date}}. The approval holds from {{valid_from}} to "
        "{{valid_to}}, for these sites:\n\n{{sites}}\n\n"
        "These documents were reviewed:\n\n{{documents}}\n\n"
        "Conditions:\n\n{{conditions}}\n\n"
        "Please send the status report by {{renewal_due}}. Changes that are substantial need approval "
        "before they are made, except to remove an immediate hazard.\n\n"
        "{{chair}}\nChair, {{board}}",
    ),
    LetterKind.QUERIES: (
        "{{number}}: questions on {{study_number}}",
        "Dear {{applicant}},\n\n"
        "{{board}} is reviewing your {{kind}} for the study {{study_title}} ({{study_number}}) and "
        "asks you to answer the following:\n\n{{queries}}\n\n"
        "Our time stands still until your answer is here.\n\n"
        "{{secretary}}\nSecretary, {{board}}",
    ),
    LetterKind.REFUSAL: (
        "{{number}}: decision on {{study_number}}",
        "Dear {{applicant}},\n\n"
        "{{board}} has reviewed your {{kind}}, received on {{received_date}}, for the study "
        "{{study_title}} ({{study_number}}).\n\n"
        "It is not approved. The reasons are:\n\n{{reason}}\n\n"
        "You may send a new application in which these are met.\n\n"
        "{{chair}}\nChair, {{board}}",
    ),
}
