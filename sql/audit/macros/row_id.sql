-- The id of an analytics row, a UUID version 8 of (table, user, day, key): 32 bits hash of the user, 16 bits day, the
-- version, and 74 bits hash of the whole key in two lanes; insights.ids draws it.
CREATE MACRO row_id(kind, user_id, day, key) AS CAST(
    ((hashed([high_word(user_id), low_word(user_id)], 2611923443488327891::UHUGEINT) >> 32) << 96)
    + (CAST(greatest(least(day - DATE '1970-01-01', 65535), 0) AS UHUGEINT) << 80)
    + (8::UHUGEINT << 76)
    + ((hashed(
        list_concat([text_word(kind), high_word(user_id), low_word(user_id), day_word(day)], key),
        2611923443488327891::UHUGEINT
    ) >> 52) << 64)
    + (2::UHUGEINT << 62)
    + (hashed(
        list_concat([text_word(kind), high_word(user_id), low_word(user_id), day_word(day)], key),
        1376283091369227076::UHUGEINT
    ) >> 2)
AS UUID)
