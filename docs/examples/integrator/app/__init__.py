"""Fjord Homes lets flats: leases are signed, keys handed over, guests shown around, payslips sent, through vendors."""
