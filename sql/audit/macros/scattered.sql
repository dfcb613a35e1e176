-- A number without order for each counter: the output function of SplitMix64 [Steele, Lea and Flood 2014].
CREATE MACRO scattered(counter) AS turned(
    turned(
        turned(
            (CAST(counter AS UHUGEINT) * 11400714819323198485::UHUGEINT) & 18446744073709551615::UHUGEINT,
            30, 13787848793156543929::UHUGEINT
        ),
        27, 10723151780598845931::UHUGEINT
    ),
    31, 1::UHUGEINT
)
