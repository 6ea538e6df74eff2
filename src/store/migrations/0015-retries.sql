-- Which executions try an execution again: looked up whenever one is tried again, so that two do not run at once.

create index executions_by_retry on executions (retry_of) where retry_of is not null;
