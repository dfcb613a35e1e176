-- A step of SplitMix64: the upper bits folded into the lower, then multiplied in 64 bits.
CREATE MACRO turned(state, shift, multiplier) AS
    (xor(state, state >> shift) * multiplier) & 18446744073709551615::UHUGEINT
