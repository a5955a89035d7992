# The functions of a module that are planted to be found, each with whether it has an attention.
/func\.func @/ {
  name = $2
  sub(/@/, "", name)
  sub(/\(.*/, "", name)
  found = "-"
}
/ = tern\.attention / { found = "attention" }
/^ *return/ && name !~ /_not_|_form$/ { print name, found }
