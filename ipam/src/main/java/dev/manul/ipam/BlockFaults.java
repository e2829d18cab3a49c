package dev.manul.ipam;

import dev.manul.model.IPAMBlock;
import dev.manul.model.IntSequence;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Finds what a block says that cannot be. */
final class BlockFaults {
  private BlockFaults() {}

  /** A line for each contradiction in the block; none for a sound one. */
  static List<String> of(IPAMBlock block) {
    List<String> faults = new ArrayList<>();
    IPAMBlock.Spec spec = block.spec();
    int size = 1 << Math.min(20, spec.cidr().family().bits() - spec.cidr().length());
    if (!block.metadata().name().equals(IPAMBlock.nameOf(spec.cidr()))) {
      faults.add("its name should be " + IPAMBlock.nameOf(spec.cidr()));
    }
    if (spec.allocations().size() != size) {
      faults.add("it lists " + spec.allocations().size() + " addresses and holds " + size);
      return faults;
    }
    BitSet free = new BitSet(size);
    for (int i = 0; i < spec.unallocated().size(); i++) {
      int ordinal = spec.unallocated().get(i);
      if (ordinal < 0 || ordinal >= size) {
        faults.add("its free ordinal " + ordinal + " is not within 0 to " + (size - 1));
      } else if (free.get(ordinal)) {
        faults.add(BlockArithmetic.address(block, ordinal) + " waits twice to be allocated");
      } else {
        free.set(ordinal);
      }
    }
    for (int ordinal = 0; ordinal < size; ordinal++) {
      int place = spec.allocations().get(ordinal);
      boolean given = place != IntSequence.NONE;
      if (given == free.get(ordinal)) {
        faults.add(
            BlockArithmetic.address(block, ordinal)
                + (given ? " is both allocated and free" : " is neither allocated nor free"));
      }
      if (given && (place < 0 || place >= spec.attributes().size())) {
        faults.add(
            BlockArithmetic.address(block, ordinal)
                + " refers to attribute "
                + place
                + " of "
                + spec.attributes().size());
      }
    }
    return faults;
  }
}
