/// A sequence over a partition's elements whose end no code of the user's sees, such as `elements.lazy.map { … }`.
///
/// Its closures are called for elements alone. So it may be taken while its elements are still being computed: if that
/// fails, nothing has been called that could take the elements so far for all there are. A sequence of the user's own may
/// commit something when it comes to the end, and must not come there early.
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

/// Whether sequences of the type are made of a partition's elements and closures over single elements alone.
@usableFromInline
package func isTransparent<Results: Sequence>(_ type: Results.Type) -> Bool { type is any TransparentSequence.Type }
