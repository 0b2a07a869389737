from __future__ import annotations

import pytest
from tools.rules import covering_tests, faults, rule_ids


@pytest.mark.parametrize("group", ["EP", "MO", "OUT", "TK", "ER", "PR-01", "PR-02", "PR-04", "AU-01", "AU-02", "AU-03", "CB", "MD", "IMG", "VID", "AUD"])  # fmt: skip
def test_every_rule_that_holds_today_has_a_test_that_names_it(group: str) -> None:
    ids = [rule for rule in rule_ids() if rule.startswith(group)]
    assert ids
    tests = covering_tests()
    assert [rule for rule in ids if rule not in tests] == []


def test_no_test_names_a_rule_that_does_not_exist() -> None:
    assert set(covering_tests()) <= set(rule_ids())


def test_every_rule_bears_its_id_where_it_is_checked_and_has_a_test() -> None:
    assert faults() == []
