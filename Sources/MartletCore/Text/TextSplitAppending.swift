// Unsafe code. Invariant: as for `TextSplit`; and whenever a block is split there is room for all pieces that end in
// it, 32 at most, and for an empty one after them.

import CMartlet

extension TextSplit {
  /// Appends the pieces of a split that has not been read yet, as `next` would return them.
  ///
  /// `flatMap` does this for each line of text, and most programs do it with all of their input. It therefore has a
  /// loop of its own, which keeps everything in registers and does not branch on the lengths of words.
  ///
  /// It takes a pointer because a value would be copied for the call, with reference counting for its text.
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
        // An empty piece is an inline text, so the next piece may overwrite it.
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
