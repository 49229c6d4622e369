import CMartlet

/// The space on the stack of a thread, for code that recurses as deep as its input nests.
package struct StackSpace {
  private let bottom: UInt

  /// The space of the current thread.
  ///
  /// On the main thread, this reads a list of the process's memory, which takes some 50 microseconds.
  package init() { bottom = martlet_stack_bottom() }

  /// A Boolean value that indicates whether the current thread, which must be that of `init`, has this many bytes left.
  @inline(never)
  package func has(_ bytes: UInt) -> Bool {
    var marker: UInt8 = 0
    return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) } > bottom + bytes
  }
}
