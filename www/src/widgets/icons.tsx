/** Small drawings beside or in place of words; what they stand for is said elsewhere. */
const PATHS = {
    search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2",
    more: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
    bell: "M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM6.8 14h2.4",
    tick: "M3.5 8.5l3 3 6-7",
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
    return (
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d={PATHS[name]} />
        </svg>
    );
}
