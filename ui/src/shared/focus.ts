// Keeping the focus somewhere when what had it goes away.
// Where the focus goes while nothing goes away is the browser's and the views' to say.
// Invariants: the focus is never taken from anything that has it; where the person themselves let it go, by a click on
// nothing, it stays nowhere. An element with `data-home` is where the focus stays when something inside of it goes: on the
// first that its selectors find, in their order.

type Stop = () => void;

const FOCUSABLE = "button, input, textarea, select, a[href], [tabindex]";

function isNowhere(): boolean {
  const { activeElement } = document;
  return activeElement === null || activeElement === document.body || activeElement.matches("dialog");
}

function focus(element: Element | null | undefined): boolean {
  if (!(element instanceof HTMLElement) || !element.isConnected || element === document.body) return false;
  element.focus({ preventScroll: true });
  return document.activeElement === element;
}

/** What is around an element, itself first. */
function pathOf(element: Element): Element[] {
  const path: Element[] = [];
  for (let at: Element | null = element; at !== null; at = at.parentElement) path.push(at);
  return path;
}

function focusNear(path: readonly Element[]): boolean {
  const homes = path.filter((around) => around.isConnected && around.hasAttribute("data-home"));
  return homes.some((home) => {
    const selectors = (home.getAttribute("data-home") || FOCUSABLE).split(";");
    return selectors.some((selector) => [...home.querySelectorAll(selector)].some(focus));
  });
}

/** Notes what has the focus, and gives it back when the borrower is gone and nobody else has taken it. */
export function borrowFocus(borrower: Element): Stop {
  const before = document.activeElement;
  const path = before === null ? [] : pathOf(before);
  return () => {
    if (!isNowhere() && !borrower.contains(document.activeElement)) return;
    if (!focus(before)) focusNear(path);
  };
}

/**
 * An attachment for a region in which things come and go. When what had the focus there is gone, the focus goes to what is
 * at home near it, else back to where it came from, else `lost` is asked.
 */
export function keepFocus(lost: () => void = () => undefined): (region: HTMLElement) => Stop {
  return (region) => {
    let path: readonly Element[] = [];
    let came: EventTarget | null = null;
    const isInside = (target: EventTarget | null) => target instanceof Node && region.contains(target);

    const enter = ({ target, relatedTarget }: FocusEvent) => {
      if (relatedTarget !== null && !isInside(relatedTarget)) came = relatedTarget;
      path = target instanceof Element ? pathOf(target) : [];
    };
    const leave = ({ relatedTarget }: FocusEvent) => {
      if (relatedTarget !== null && !isInside(relatedTarget)) path = [];
    };
    const drop = () => (path = []);
    const look = () => {
      const [last] = path;
      if (last === undefined || region.contains(last) || !isNowhere()) return;
      const was = path;
      path = [];
      if (!focusNear(was) && !(came instanceof Element && focus(came))) lost();
    };

    const observer = new MutationObserver(look);
    observer.observe(region, { childList: true, subtree: true });
    region.addEventListener("focusin", enter);
    region.addEventListener("focusout", leave);
    // Before the press gives the focus to something.
    document.addEventListener("pointerdown", drop, true);
    return () => {
      observer.disconnect();
      region.removeEventListener("focusin", enter);
      region.removeEventListener("focusout", leave);
      document.removeEventListener("pointerdown", drop, true);
      if (path.length > 0 && isNowhere() && !(came instanceof Element && focus(came))) lost();
    };
  };
}
