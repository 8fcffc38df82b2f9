# One home after the other through R's survey package: calibrate to the margins, 63 means with standard errors.
# usage: Rscript scoring_peers.R FOLDER      (called by scoring_peers.py)
suppressMessages({library(survey); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
homes <- fromJSON(file.path(folder, "homes.json"), simplifyVector = FALSE)
tables <- lapply(homes, function(h) read.csv(file.path(folder, h$file)))
one <- function(h, d) {
  d$fpc <- h$members
  used <- unlist(h$variables)
  for (v in used) d[[v]] <- factor(d[[v]], levels = names(h$margins[[v]]))
  k <- svydesign(id = ~1, data = d, fpc = ~fpc)
  if (length(used)) {
    f <- reformulate(used)
    totals <- c("(Intercept)" = h$members)
    for (v in used) for (l in names(h$margins[[v]])[-1]) totals[paste0(v, l)] <- h$margins[[v]][[l]]
    k <- calibrate(k, f, totals, calfun = "raking", epsilon = 1e-10, maxit = 200)
  }
  lapply(unlist(h$columns), function(y) { m <- svymean(reformulate(y), k, na.rm = TRUE); c(as.numeric(coef(m)), as.numeric(SE(m))) })
}
start <- proc.time()
found <- mapply(one, homes, tables, SIMPLIFY = FALSE)
spent <- proc.time() - start
write(toJSON(list(seconds = spent[["elapsed"]], cpu = spent[["user.self"]] + spent[["sys.self"]], found = found), auto_unbox = TRUE, digits = NA), file.path(folder, "r.json"))
