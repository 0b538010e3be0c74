"""What every mail of this site says of itself."""

# No "I am away" comes back, neither by the standard nor by what Exchange reads.
FROM_A_PROGRAM = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
