"""Why a request was decided as it was, and the least that would turn a refusal: of the request, or of the policy."""
