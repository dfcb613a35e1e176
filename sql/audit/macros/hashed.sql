-- The hash of a list of 64-bit words: each is folded in and mixed with the multipliers of SplitMix64 and of rrmxmx.
CREATE MACRO hashed(words, seed) AS
    list_reduce(
        words,
        lambda state, value: half_mixed(
            half_mixed(xor(state, value), 11400714819323198485::UHUGEINT), 15485907386658061715::UHUGEINT
        ),
        seed
    )
