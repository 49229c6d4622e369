// Unsafe code. Invariant: as for `TextSplit`; and whenever a block is cut there is room for all that end in it, 32 at
// most, and for an empty one behind them.

import CMartlet

extension TextSplit {
  /// Appends the pieces that `next` would give of a split that nobody has begun to read, one after the other.
  ///
  /// What `flatMap` does for each line of text, and most programs with all of their input: so it has a loop of its own,
  /// which keeps everything in registers and does not branch on the lengths of words.
  ///
  /// It takes a pointer because a value would be copied for the call, and its text counted.
  @usableFromInline
  static func appendPieces(of split: UnsafeMutablePointer<TextSplit>, to output: inout OutputCursor<Text>) {
    guard !split.pointee.isInline, split.pointee.separator < 0x80 else { return appendOneByOne(split, to: &output) }
    // Safe: a text that is not inline has an owner. A strong reference to it would be counted for each line.
    let owner = split.pointee.unowned.unsafelyUnwrapped
    let byte = UInt8(truncatingIfNeeded: split.pointee.separator)
    let base = split.pointee.text.longBase
    let count = split.pointee.byteCount
    var start = split.pointee.start
    var block = split.pointee.block
    var mask = split.pointee.mask
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
  private static func appendOneByOne(
    _ split: UnsafeMutablePointer<TextSplit>, to output: inout OutputCursor<Text>
  ) {
    while let piece = split.pointee.next() { output.append(piece) }
  }
}
