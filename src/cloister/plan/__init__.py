"""Which cut to take: costs from a profile, leaks from an audit, limits from a person."""
