// Unsafe code. Invariant: as for `TextSplit`; and whenever a block is cut there is room for all that end in it, 32 at
// most, and for an empty one behind them.

import CMartlet

extension TextSplit {
  /// Appends the pieces that `next` would give, one after the other.
  ///
  /// What `flatMap` does for each line of text, and most programs with all of their input: so it has a loop of its own,
  /// which keeps everything in registers and does not branch on the lengths of words.
  @usableFromInline
  func append(to output: inout OutputCursor<Text>) {
    guard !isInline, separator < 0x80 else { return appendOneByOne(to: &output) }
    // Safe: a text that is not inline has an owner. A strong reference to it would be counted for each line.
    let owner = unowned.unsafelyUnwrapped
    defer { withExtendedLifetime(text) {} }
    let byte = UInt8(truncatingIfNeeded: separator)
    let base = text.longBase
    var start = start
    var block = block
    var mask = mask
    while block < count {
      output.makeRoom(for: 34)
      var target = output.end
      if count &- block < 64 { mask &= (1 &<< UInt64(truncatingIfNeeded: count &- block)) &- 1 }
      while mask != 0 {
        let end = block &+ mask.trailingZeroBitCount
        mask &= mask &- 1
        target.initialize(to: Text(base + start, count: end &- start, inUnowned: owner))
        // An empty piece is an inline text, so the next may be written over it.
        target += end > start ? 1 : 0
        start = end &+ 1
      }
      output.end = target
      block &+= 64
      mask = block < count ? martlet_mask64(base + block, byte) : 0
    }
    if start < count { output.append(Text(base + start, count: count &- start, inUnowned: owner)) }
  }

  @inline(never)
  private func appendOneByOne(to output: inout OutputCursor<Text>) {
    var rest = self
    while let piece = rest.next() { output.append(piece) }
  }
}
