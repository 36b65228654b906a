"""Forms of the registry: of its lists, of registering by hand, of curation."""

from tembusu.coordination.registry.forms.curation import (
    CurateForm,
    DecideForm,
    MergeForm,
    PartForm,
)
from tembusu.coordination.registry.forms.drafts import (
    Block,
    DiscardForm,
    PublishForm,
    RegisterForm,
    RowPart,
    SectionForm,
    standing,
    with_row,
    without_row,
)
from tembusu.coordination.registry.forms.lists import (
    ImportForm,
    ManyFilesField,
    NewOrganisationForm,
    RejectForm,
    ViewForm,
)
from tembusu.coordination.registry.forms.questions import anchor

__all__ = [
    "Block",
    "CurateForm",
    "DecideForm",
    "DiscardForm",
    "ImportForm",
    "ManyFilesField",
    "MergeForm",
    "NewOrganisationForm",
    "PartForm",
    "PublishForm",
    "RegisterForm",
    "RejectForm",
    "RowPart",
    "SectionForm",
    "ViewForm",
    "anchor",
    "standing",
    "with_row",
    "without_row",
]
