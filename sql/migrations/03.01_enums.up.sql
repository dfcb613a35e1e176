-- Plan 3.1: the words of set types, block types, RPE scales and ranges of motion.
-- locks: none
CREATE TYPE set_type_enum AS ENUM (
    'working', 'warmup', 'dropset', 'superset', 'cluster',
    'rest_pause', 'mechanical_drop', 'amrap', 'tempo',
    'isometric', 'partial', 'assisted', 'negative'
);
CREATE TYPE workout_block_type_enum AS ENUM (
    'straight_sets', 'superset', 'giant_set', 'circuit',
    'emom', 'ladder', 'complex'
);
CREATE TYPE rpe_scale_enum AS ENUM ('rpe_10', 'rpe_20', 'percentage');
CREATE TYPE rom_quality_enum AS ENUM (
    'full', 'three_quarter', 'half', 'quarter',
    'partial_top', 'partial_bottom', 'variable'
);
