"""What all doors share: errors, paging, auth, rate limits."""
