"""Will hold: SIGKILL under 64 writers loses no acknowledged record and leaves nothing that needs a person."""
