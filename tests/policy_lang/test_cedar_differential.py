"""The same random policies and requests, decided here and by Cedar: permits, denials and approvals must agree."""
