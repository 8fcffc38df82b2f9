# Oracle cases for weights, means, standard errors, design effects, domains, contrasts, alpha: made with R's survey package.
# usage: Rscript make_survey_oracles.R OUTPUT_DIR     (Debian: r-base-core, r-cran-survey, r-cran-mass, r-cran-jsonlite)
# Every case is a synthetic home: a roster by one to three variables, ballots by cell, answers drawn at random.
suppressMessages({library(survey); library(jsonlite)})
options(survey.lonely.psu = "fail")
args <- commandArgs(trailingOnly = TRUE); out <- if (length(args)) args[1] else "."
num <- function(x) unname(as.numeric(x))
points <- c(SATISFIED = 100, BASIC = 50, DISSATISFIED = 0, UNKNOWN = NA)

home <- function(variables, size) {               # roster cells and a random sample of them, unequal response
  cells <- do.call(expand.grid, lapply(variables, function(k) factor(seq_len(k))))
  names(cells) <- letters[seq_along(variables)]
  share <- runif(nrow(cells), .5, 2); roster <- pmax(8, round(size * share / sum(share)))
  ballots <- pmax(5, rbinom(nrow(cells), roster, runif(nrow(cells), .35, .9)))
  list(cells = cells, roster = roster, ballots = pmin(ballots, roster))
}

answers <- function(h) {                          # one row per ballot
  d <- h$cells[rep(seq_along(h$ballots), h$ballots), , drop = FALSE]
  d$cell <- rep(seq_along(h$ballots), h$ballots)
  lean <- rnorm(nrow(h$cells), 0, .7)[d$cell]
  chance <- plogis(.4 + lean)
  d$answer <- ifelse(runif(nrow(d)) < .1, "UNKNOWN", ifelse(runif(nrow(d)) < chance, "SATISFIED",
              ifelse(runif(nrow(d)) < .55, "BASIC", "DISSATISFIED")))
  d$score <- pmin(6000, pmax(0, round(3600 + 1500 * lean / 2 + rnorm(nrow(d), 0, 1200))))
  rownames(d) <- NULL
  d
}

measure <- function(y, k, d, N) {                 # estimate, R's standard error and design effects, and ours by lm()
  ok <- !is.na(y); k <- update(k, y = y)
  m <- svymean(~y, k, na.rm = TRUE, deff = TRUE); r <- svymean(~y, k, na.rm = TRUE, deff = "replace")
  w <- weights(k); w <- if (length(w) == nrow(d)) w else stop("weights")
  z <- ifelse(ok, (y - coef(m)) / sum(w[ok]), 0); attributes(z) <- NULL
  list(est = num(coef(m)), se = num(SE(m)), deff = num(deff(m)), deff_replace = num(deff(r)), z = z, w = w)
}

unit <- function(measured, d, formula, n) {       # residuals from lm(), the variance with the unit correction
  e <- if (is.null(formula)) measured$z - mean(measured$z) else residuals(lm(update(formula, z ~ .), data = cbind(d, z = measured$z)))
  q <- if (is.null(formula)) 1 else lm(update(formula, z ~ .), data = cbind(d, z = measured$z))$rank
  w <- measured$w
  list(v0 = n / (n - q) * sum(w^2 * e^2), v1 = n / (n - q) * sum(w * (w - 1) * e^2), q = q)
}

case <- function(id, variables, size, how) {
  h <- home(variables, size); d <- answers(h); N <- sum(h$roster); n <- nrow(d)
  d$fpc <- N; k0 <- svydesign(id = ~1, data = d, fpc = ~fpc)
  roster <- h$cells[rep(seq_along(h$roster), h$roster), , drop = FALSE]
  formula <- reformulate(if (how == "joint") paste(names(h$cells), collapse = ":") else names(h$cells))
  if (how == "none") { k <- k0; formula <- NULL } else if (how == "joint") {
    k0 <- update(k0, cell = factor(cell)); d$cell <- factor(d$cell); formula <- ~cell
    k <- postStratify(k0, ~cell, data.frame(cell = factor(seq_along(h$roster)), Freq = h$roster))
  } else {
    totals <- colSums(model.matrix(formula, roster))
    bounds <- if (how == "bounded") c(n / N, h$cap <- 1 + .75 * (max(g_free(k0, formula, totals)) - 1)) else c(-Inf, Inf)
    k <- calibrate(k0, formula, totals, calfun = "raking", bounds = bounds, epsilon = 1e-12, maxit = 500)
  }
  w <- weights(k); g <- tapply(w * n / N, d$cell, mean); stopifnot(max(abs(g[as.integer(d$cell)] - w * n / N)) < 1e-10)
  stopifnot(how == "bounded" || min(g) >= n / N, how == "bounded" || length(variables) == 1 || max(g) <= 5)   # inside the engine's bounds
  y <- num(points[d$answer]); fav <- ifelse(is.na(y), NA, as.numeric(y >= 50)); top <- ifelse(is.na(y), NA, as.numeric(y == 100))
  figures <- lapply(list(points = y, favourable = fav, top = top, score = d$score), function(v) {
    m <- measure(v, k, d, N); u <- unit(m, d, formula, n)
    c(m[c("est", "se", "deff", "deff_replace")], u)
  })
  k <- update(k, y = y); parts <- lapply(levels(d$a), function(a) svymean(~y, k[d$a == a, ], na.rm = TRUE))
  line <- function(i) { ok <- !is.na(y) & d$a == levels(d$a)[i]; ifelse(ok, (y - coef(parts[[i]])) / sum(w[ok]), 0) }
  k <- update(k, line = line(1) - line(2)); difference <- coef(parts[[1]]) - coef(parts[[2]])
  tab <- table(factor(d$cell, seq_along(h$roster)), factor(d$answer, names(points)))
  list(id = id, how = how, N = N, cap = if (is.null(h$cap)) NULL else num(h$cap),
    cells = lapply(seq_along(h$roster), function(i) list(levels = lapply(h$cells[i, , drop = FALSE], as.character), roster = h$roster[i], ballots = h$ballots[i],
      counts = as.list(tab[i, ]), score = list(count = h$ballots[i], sum = sum(d$score[d$cell == i]), squares = sum(d$score[d$cell == i]^2)))),
    g = num(g), kish = n * sum(w^2) / sum(w)^2, figures = figures,
    domains = list(est = sapply(parts, function(p) num(coef(p))), se = sapply(parts, function(p) num(SE(p)))),
    contrast = list(est = num(difference), se = num(SE(svytotal(~line, k)))))
}

g_free <- function(k0, formula, totals) weights(calibrate(k0, formula, totals, calfun = "raking", epsilon = 1e-12)) / weights(k0)

alpha_case <- function(id, items, n) {            # ballots as patterns with counts; unequal weights by class
  d <- data.frame(class = factor(sample(1:2, n, TRUE, c(.7, .3)))); trait <- rnorm(n)
  for (i in seq_len(items)) d[[paste0("q", i)]] <- c(0, 50, 100)[1 + (trait + rnorm(n) > -.8) + (trait + rnorm(n) > .4)]
  N <- as.vector(table(d$class)) * c(2, 3); k <- svydesign(id = ~1, data = d, weights = ~c(2, 3)[class])
  names <- paste0("q", seq_len(items)); f <- reformulate(names)
  list(id = id, ballots = unname(as.matrix(d[names])), weights = num(c(2, 3)[d$class]), alpha = num(svycralpha(f, k)),
       alpha_unweighted = num(svycralpha(f, svydesign(id = ~1, data = d, weights = ~1))))
}

lmg_case <- function(id, n) {                     # share of R squared, averaged over orders, by lm() on data centred within homes
  home <- sample(1:8, n, TRUE); shift <- rnorm(8, 0, 3)[home]
  x <- matrix(rnorm(n * 4), n) %*% chol(.5 + .5 * diag(4)) + shift; y <- x %*% c(.5, .3, .1, .05) + rnorm(n) - 2 * shift
  x <- round(x, 4); y <- round(as.numeric(y), 4)
  inside <- function(v) v - ave(v, home); X <- apply(x, 2, inside); Y <- inside(y)
  r2 <- function(s) if (length(s)) summary(lm(Y ~ 0 + X[, s, drop = FALSE]))$r.squared else 0
  orders <- as.matrix(expand.grid(1:4, 1:4, 1:4, 1:4)); orders <- orders[apply(orders, 1, function(o) length(unique(o)) == 4), ]
  share <- rowMeans(apply(orders, 1, function(o) { v <- numeric(4); for (i in 1:4) v[o[i]] <- r2(o[1:i]) - r2(o[seq_len(i - 1)]); v }))
  list(id = id, home = home, x = x, y = y, lmg = share)
}

set.seed(20260601)
plans <- list(list(1, c(3)), list(2, c(4)), list(3, c(2, 3)), list(4, c(3, 3)), list(5, c(2, 2, 3)))
cases <- list(); number <- 0
for (plan in plans) for (how in c("none", "joint", "rake", "bounded")) for (size in c(150, 400, 1500)) {
  if (how == "bounded" && length(plan[[2]]) == 1) next
  for (try in 1:40) {
    made <- tryCatch(suppressWarnings(case("", plan[[2]], size, how)), error = function(e) NULL)
    if (!is.null(made)) break
  }
  if (is.null(made)) next
  number <- number + 1; made$id <- sprintf("R%02d", number); cases[[number]] <- made
}
alphas <- lapply(1:6, function(i) alpha_case(sprintf("A%d", i), c(4, 5, 6)[1 + i %% 3], 80 + 20 * i))
lmgs <- lapply(1:2, function(i) lmg_case(sprintf("L%d", i), 120))
put <- function(name, object) write(toJSON(object, auto_unbox = TRUE, digits = NA, null = "null", na = "null"), file.path(out, name))
made_with <- paste0("R ", getRversion(), ", survey ", packageVersion("survey"), ", make_survey_oracles.R, seed 20260601")
put("survey_cases.json", list(made_with = made_with, cases = cases))
put("survey_items.json", list(made_with = made_with, alpha = alphas, lmg = lmgs))
cat(length(cases), "cases:", table(sapply(cases, `[[`, "how")), "\n")
