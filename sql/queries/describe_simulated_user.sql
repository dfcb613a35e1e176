-- What is known of a simulated user besides the log; nothing is written where nothing differs.
UPDATE users
SET training_experience = %(training_experience)s, training_frequency = %(training_frequency)s
WHERE id = %(user_id)s
    AND (training_experience, training_frequency) IS DISTINCT FROM (%(training_experience)s, %(training_frequency)s)
