"""Study numbers as people write them: without their noughts, without the dash, digits alone."""

import re

NUMBER = (
    r"(?<![\w/-])(?:{own}[\s_–-]*0*(?P<own>[0-9]{{1,15}})|(?:NCT[\s_–-]*)?(?P<nct>[0-9]{{8}}))"
    r"(?![\w/-])"
)


def loose_numbers(text: str, own: str) -> tuple[str, ...]:
    """Return the study numbers that a text may mean, if it holds nothing else.

    :param own: the prefix of the numbers that this platform gives

    >>> loose_numbers("tmb 73, 99900073", "TMB")
    ('TMB-000073', 'NCT99900073')
    """
    form = re.compile(NUMBER.format(own=re.escape(own)), re.IGNORECASE)
    if re.search(r"\w", form.sub("", text)):
        return ()
    return tuple(
        f"{own}-{int(found['own']):06d}" if found["own"] else f"NCT{found['nct']}"
        for found in form.finditer(text)
    )
