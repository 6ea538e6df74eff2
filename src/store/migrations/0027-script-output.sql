-- Where in the streams of an invocation the script printed that its task is about: {"stdout": [FROM, TO], "stderr": [FROM, TO]}; null: all of
-- them. `output`: what the output script of one of several extensions printed.
alter table invocations
  add column script_range jsonb,
  add column output text;
