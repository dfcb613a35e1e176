-- The median of a list of doubles: the mean of its two middle values, or its middle one.
CREATE MACRO middle(numbers) AS
    (list_sort(numbers)[(len(numbers) + 1) // 2] + list_sort(numbers)[(len(numbers) + 2) // 2]) / 2
