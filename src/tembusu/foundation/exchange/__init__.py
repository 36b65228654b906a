"""Facts that other systems hold come in and go out: extracts as CSV or XLSX, signed webhooks.

Governing text: RFC 4180 (CSV), RFC 2104 (HMAC). An extract is checked row by row, shown before it is
taken, and gives its refused rows back to be mended.
"""
