// Where a loss term stands among the others.
override TERM: u32;   // its place in the list
override TERMS: u32;  // the length of the list
override FIRST: bool; // it is the first on its side (outputs or rates): it writes the gradient, later ones add to it

// Where this term's share of a row (time x trial) stands in loss_rows [R, TERMS, T B], which `verdict` sums.
fn loss_row(replica: u32, row: u32, rows: u32) -> u32 { return (replica * TERMS + TERM) * rows + row; }
