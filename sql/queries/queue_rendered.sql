-- Keeps the prompts of insights that are about to be asked, again those that were asked once and whose answer is gone.
UPDATE insight_ledger AS l
SET state = 'rendered', prompt = r.prompt, as_of = %(as_of)s, job = %(job)s, updated_at = now()
FROM unnest(%(ids)s::uuid[], %(prompts)b::text[]) AS r (id, prompt)
WHERE l.id = r.id AND (l.state IN ('pending', 'rendered') OR (l.state IN ('written', 'fallback') AND l.raw_answer IS NULL))
