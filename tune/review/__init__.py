"""What a change makes of two assemblies: trains, buys, moves, widens, shares, deletes and loosens. No AWS is asked."""
