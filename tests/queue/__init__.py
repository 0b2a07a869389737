# ruff: noqa: A005 - the tests of `opendance.queue`
