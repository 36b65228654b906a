from django.db import connection

from tembusu.foundation.core import ledger


def test_weaknesses_are_found_where_a_right_was_given_back(owner_connection):
    owner_connection.execute("GRANT DELETE ON core_auditevent TO tembusu_app")
    owner_connection.commit()
    assert [(w.table, w.right) for w in ledger.weaknesses(connection)] == [
        ("core_auditevent", "DELETE")
    ]
