# What R's `survival` says about the tables that src/trialtime/tests/test_survival_reference.py compares with.
#
#   Rscript validation/survival_reference.R ../shared > validation/survival_reference.json
#
# Small tables of facts are typed in; data sets are read from the folder named, by path and columns, and not
# copied. Times are compared exactly, shares and errors to 1e-10.

library(survival)
shared <- commandArgs(trailingOnly = TRUE)[1]

# -- JSON, without a package ---------------------------------------------------------------------
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    if (is.null(names(x))) return(paste0("[", paste(vapply(x, json, ""), collapse = ", "), "]"))
    parts <- vapply(names(x), function(n) paste0('"', n, '": ', json(x[[n]])), "")
    return(paste0("{", paste(parts, collapse = ", "), "}"))
  }
  one <- function(v) {
    if (is.na(v)) return("null")
    if (is.character(v)) return(paste0('"', v, '"'))
    format(v, digits = 15, scientific = FALSE, trim = TRUE)
  }
  if (inherits(x, "text")) return(one(unclass(x)))
  paste0("[", paste(vapply(as.vector(x), one, ""), collapse = ", "), "]")
}
text <- function(x) structure(x, class = "text")
# Of a large data set the table keeps some thirty rows: the file would be long, and say no more.
some <- function(n) unique(round(seq(1, n, length.out = min(n, 30))))

# -- Kaplan-Meier ------------------------------------------------------------------------------------
shares <- c(0.25, 0.5, 0.75)
kaplan_meier <- function(name, time, status, entry = NULL, source, path = "", columns = character(0)) {
  y <- if (is.null(entry)) Surv(time, status) else Surv(entry, time, status)
  # The CSV gives times as they are; R would otherwise merge those that differ by rounding alone.
  answer <- list(name = text(name), kind = text("kaplan-meier"), source = text(source), path = text(path),
    columns = columns)
  if (path == "") {
    answer$durations <- time
    answer$observed <- as.numeric(status)
    if (!is.null(entry)) answer$entries <- entry
  }
  upto <- unname(floor(quantile(time, 0.8)))
  plain <- survfit(y ~ 1, conf.type = "plain", timefix = FALSE)
  rows <- some(length(plain$time))
  answer$time <- plain$time[rows]
  answer$survival <- plain$surv[rows]
  answer$n_at_risk <- plain$n.risk[rows]
  mean <- summary(plain, rmean = upto)$table
  answer$restricted_mean <- unname(c(upto, mean["rmean"], mean["se(rmean)"]))
  answer$shares <- shares
  for (type in c("log-log", "log", "plain")) {
    fit <- survfit(y ~ 1, conf.type = type, timefix = FALSE)
    q <- quantile(fit, shares)
    answer[[paste("lower", type)]] <- fit$lower[rows]
    answer[[paste("upper", type)]] <- fit$upper[rows]
    answer[[paste("quantiles", type)]] <- unname(c(q$quantile, q$lower, q$upper))
  }
  answer
}

# -- Aalen-Johansen ----------------------------------------------------------------------------------
aalen_johansen <- function(name, time, cause, entry = NULL, source, path = "", columns = character(0)) {
  state <- factor(cause, c(0, sort(setdiff(unique(cause), 0))))
  y <- Surv(time, state)
  fit <- survfit(y ~ 1, conf.type = "log-log", timefix = FALSE)
  answer <- list(name = text(name), kind = text("aalen-johansen"), source = text(source), path = text(path),
    columns = columns)
  if (path == "") {
    answer$durations <- time
    answer$causes <- cause
  }
  rows <- some(length(fit$time))
  answer$time <- fit$time[rows]
  for (k in seq_along(fit$states)[-1]) {
    state <- fit$states[k]
    answer[[paste("incidence", state)]] <- fit$pstate[rows, k]
    answer[[paste("std_error", state)]] <- fit$std.err[rows, k]
    answer[[paste("lower", state)]] <- fit$lower[rows, k]
    answer[[paste("upper", state)]] <- fit$upper[rows, k]
  }
  answer
}

csv <- function(path) read.csv(file.path(shared, "data/rct", path))
set <- function(name, path, time, status, is_event, entry = NULL) {
  d <- csv(path)
  d <- d[!is.na(d[[time]]) & !is.na(d[[status]]), ]
  columns <- c(time, status, as.character(is_event), entry)
  if (!is.null(entry)) d <- d[d[[entry]] < d[[time]], ]
  kaplan_meier(name, d[[time]], d[[status]] == is_event, if (!is.null(entry)) d[[entry]],
    source = "the data set of that name in R packages survival, KMsurv or asaur", path = path, columns = columns)
}

answers <- list(
  kaplan_meier("freireich-6mp", c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35),
    c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0),
    source = "Freireich et al., Blood 1963;21:699-716, remission under 6-MP, weeks"),
  kaplan_meier("freireich-placebo",
    c(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23), rep(1, 21),
    source = "Freireich et al., Blood 1963;21:699-716, remission under placebo, weeks"),
  kaplan_meier("flat-on-the-half", c(1, 2, 3, 4, 5, 6), rep(1, 6), source = "made: S is 1/2 from 3 to 4"),
  kaplan_meier("ends-on-the-half", c(1, 2, 3, 4, 5, 6), c(1, 1, 1, 0, 0, 0), source = "made: S stays 1/2"),
  kaplan_meier("never-the-half", c(3, 5, 8, 8, 9), c(1, 0, 1, 0, 0), source = "made: S stays above 1/2"),
  kaplan_meier("zero-durations", c(0, 0, 2, 3, 3, 7), c(1, 0, 1, 1, 0, 1), source = "made: two ended at once"),
  kaplan_meier("all-at-once", c(3, 3, 3, 3), rep(1, 4), source = "made: no limits can be given"),
  kaplan_meier("nobody", c(3, 4, 9), rep(0, 3), source = "made: all unfinished"),
  kaplan_meier("late-entries", c(5, 8, 8, 12, 20, 21, 30), c(1, 0, 1, 1, 1, 0, 1), c(0, 2, 0, 8, 3, 10, 1),
    source = "made: one begins to be watched at 8, when another ends"),
  set("aml", "survival/aml.csv", "time", "cens", 1),
  set("cancer", "survival/cancer.csv", "time", "status", 2),
  set("veteran", "survival/veteran.csv", "time", "status", 1),
  set("gbsg", "survival/gbsg.csv", "rfstime", "status", 1),
  set("ovarian", "survival/ovarian.csv", "futime", "fustat", 1),
  set("diabetic", "survival/diabetic.csv", "time", "status", 1),
  set("kidney", "survival/kidney.csv", "time", "status", 1),
  set("channing", "asaur/ChanningHouse.csv", "exit", "cens", 1, "entry"),
  aalen_johansen("made-causes", c(1, 2, 2, 3, 4, 5, 5, 6, 8, 8), c(1, 2, 1, 0, 1, 0, 2, 2, 1, 0),
    source = "made: ties between causes and with a censored case"),
  aalen_johansen("last-ends", c(1, 2, 3, 4), c(1, 2, 1, 2), source = "made: nobody is left"),
  {
    d <- csv("survival/pbc.csv")
    aalen_johansen("pbc", d$time, d$status, source = "the data set pbc of R package survival: 1 transplant, 2 death",
      path = "survival/pbc.csv", columns = c("time", "status"))
  }
)
head <- paste0('{"R": "', R.version$major, ".", R.version$minor, '", "survival": "',
  packageVersion("survival"), '", "answers": [\n')
cat(head, paste(vapply(answers, json, ""), collapse = ",\n"), "\n]}\n", sep = "")
