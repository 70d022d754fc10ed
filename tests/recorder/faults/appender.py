"""Will hold: the child process of the fault suites, which appends and prints each acknowledged number."""
