"""The chassis every service stands on. It knows nothing of the domain: services reach it through entry points."""
