-- Half a step of the hash: multiplied in 64 bits, then its upper half folded into its lower.
CREATE MACRO half_mixed(state, multiplier) AS
    xor(state * multiplier & 18446744073709551615::UHUGEINT,
        (state * multiplier & 18446744073709551615::UHUGEINT) >> 32)
