-- Drops the four enums.
-- locks: none
DROP TYPE rom_quality_enum;
DROP TYPE rpe_scale_enum;
DROP TYPE workout_block_type_enum;
DROP TYPE set_type_enum;
