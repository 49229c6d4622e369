/// A sequence over a partition's elements whose end is not visible to user code, such as `elements.lazy.map { … }`.
///
/// Its closures are called only for elements, so it may be consumed while its elements are still being computed: if
/// that fails, no code has been called that could take the elements so far for all. A user's own sequence may commit
/// something when it reaches the end, and must not reach it early.
private protocol TransparentSequence {}

extension PartitionIterator: TransparentSequence {}
extension LazySequence: TransparentSequence where Base: TransparentSequence {}
extension LazyMapSequence: TransparentSequence where Base: TransparentSequence {}
extension LazyFilterSequence: TransparentSequence where Base: TransparentSequence {}
extension LazyPrefixWhileSequence: TransparentSequence where Base: TransparentSequence {}
extension LazyDropWhileSequence: TransparentSequence where Base: TransparentSequence {}
extension FlattenSequence: TransparentSequence where Base: TransparentSequence {}
extension PrefixSequence: TransparentSequence where Base: TransparentSequence {}
extension DropFirstSequence: TransparentSequence where Base: TransparentSequence {}
extension EnumeratedSequence: TransparentSequence where Base: TransparentSequence {}
extension Zip2Sequence: TransparentSequence where Sequence1: TransparentSequence, Sequence2: TransparentSequence {}

/// Returns true if sequences of the type consist only of a partition's elements and closures over single elements.
@usableFromInline
package func isTransparent<Results: Sequence>(_ type: Results.Type) -> Bool { type is any TransparentSequence.Type }
